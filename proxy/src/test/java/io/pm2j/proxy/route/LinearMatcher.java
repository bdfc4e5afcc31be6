package io.pm2j.proxy.route;

import io.pm2j.config.spec.edge.FieldMatch;
import io.pm2j.config.spec.edge.HostPattern;
import io.pm2j.config.spec.edge.MatchSpec;
import io.pm2j.config.spec.edge.PathMatch;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The rules of a route table written down as plainly as they go: every route is tried, and the
/// best of those that fit wins. Knows plain paths and hosts without ports only.
final class LinearMatcher {
    private final List<MatchSpec> routes;

    LinearMatcher(List<MatchSpec> routes) {
        this.routes = routes;
    }

    Optional<Integer> find(FakeRequest request) {
        return IntStream.range(0, routes.size())
                .boxed()
                .filter(i -> fits(routes.get(i), request))
                .max(Comparator.comparing((Integer i) -> rank(routes.get(i), i, request), Arrays::compare));
    }

    private static int[] rank(MatchSpec match, int order, FakeRequest request) {
        int host = match.hosts().stream()
                .filter(pattern -> hostFits(pattern, request.host()))
                .mapToInt(pattern -> pattern.wildcard() ? pattern.name().length() : 1_000)
                .max()
                .orElse(0);
        int path = switch (match.path()) {
            case PathMatch.Exact _ -> 10_000;
            case PathMatch.Prefix(String prefix) -> prefix.equals("/") ? 0 : prefix.length() + 1;
            case PathMatch.Regex _ -> 1;
        };
        int method = match.methods().isEmpty() ? 0 : 1;
        return new int[] {
            host, path, method, match.headers().size(), match.query().size(), -order
        };
    }

    private static boolean fits(MatchSpec match, FakeRequest request) {
        return (match.hosts().isEmpty()
                        || match.hosts().stream().anyMatch(pattern -> hostFits(pattern, request.host())))
                && pathFits(match.path(), request.path())
                && (match.methods().isEmpty() || match.methods().contains(request.method()))
                && match.headers().stream()
                        .allMatch(field -> fieldFits(field, request.headers().get(field.name())))
                && match.query().stream()
                        .allMatch(field -> fieldFits(field, request.parameters().get(field.name())));
    }

    private static boolean hostFits(HostPattern pattern, String asked) {
        String host = asked.toLowerCase(Locale.ROOT);
        return pattern.wildcard() ? host.endsWith("." + pattern.name()) : host.equals(pattern.name());
    }

    private static boolean pathFits(PathMatch match, String path) {
        return switch (match) {
            case PathMatch.Exact(String exact) -> path.equals(exact);
            case PathMatch.Prefix(String prefix) ->
                prefix.equals("/") || path.equals(prefix) || path.startsWith(prefix + "/");
            case PathMatch.Regex(var regex) -> path.matches(regex.text());
        };
    }

    private static boolean fieldFits(FieldMatch field, @Nullable String value) {
        return switch (field.value()) {
            case FieldMatch.Value.Exact(String text) -> text.equals(value);
            case FieldMatch.Value.Regex(var regex) -> value != null && value.matches(regex.text());
            case FieldMatch.Value.Present() -> value != null;
            case FieldMatch.Value.Absent() -> value == null;
        };
    }
}
