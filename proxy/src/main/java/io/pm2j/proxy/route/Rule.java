package io.pm2j.proxy.route;

import com.google.re2j.Pattern;
import io.pm2j.config.spec.edge.FieldMatch;
import io.pm2j.config.spec.edge.MatchSpec;
import io.pm2j.config.spec.edge.PathMatch;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What of a match is left when host and path fit: method, headers, query, and a path's regular
/// expression.
final class Rule<R> {
    /// Gateway API, HTTPRouteRule: a method before none, then more headers, then more query
    /// parameters, then the first.
    static final Comparator<Rule<?>> PRECEDENCE = Comparator.<Rule<?>>comparingInt(
                    rule -> rule.methods.length == 0 ? 1 : 0)
            .thenComparingInt(rule -> -rule.headers.length)
            .thenComparingInt(rule -> -rule.query.length)
            .thenComparingInt(rule -> rule.order);

    final RouteTable.Found.To<R> found;
    private final int order;
    private final String[] methods;
    private final Field[] headers;
    private final Field[] query;
    private final @Nullable Pattern path;

    /// What one field must be: `exact`, or what `regex` matches; with neither it must be there,
    /// or with `absent` not.
    private record Field(
            String name, @Nullable String exact, @Nullable Pattern regex, boolean absent) {
        static Field of(FieldMatch match) {
            return switch (match.value()) {
                case FieldMatch.Value.Exact(String text) -> new Field(match.name(), octets(text), null, false);
                case FieldMatch.Value.Regex(var regex) -> new Field(match.name(), null, regex.compile(), false);
                case FieldMatch.Value.Present() -> new Field(match.name(), null, null, false);
                case FieldMatch.Value.Absent() -> new Field(match.name(), null, null, true);
            };
        }

        boolean fits(@Nullable CharSequence value) {
            if (value == null || absent) {
                return absent && value == null;
            }
            if (exact != null) {
                return same(exact, value);
            }
            return regex == null || regex.matcher(value).matches();
        }

        /// Requests are looked at as octets.
        private static String octets(String text) {
            return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        }
    }

    Rule(MatchSpec match, R route, int order) {
        this.found = new RouteTable.Found.To<>(route);
        this.order = order;
        this.methods = match.methods().toArray(String[]::new);
        this.headers = fields(match.headers());
        this.query = fields(match.query());
        this.path = match.path() instanceof PathMatch.Regex(var regex) ? regex.compile() : null;
    }

    private static Field[] fields(List<FieldMatch> all) {
        return all.stream().map(Field::of).toArray(Field[]::new);
    }

    boolean fits(RequestView request, CharSequence path) {
        return methodFits(request.method())
                && fieldsFit(request)
                && (this.path == null || this.path.matcher(path).matches());
    }

    private boolean methodFits(CharSequence asked) {
        for (String method : methods) {
            if (same(method, asked)) {
                return true;
            }
        }
        return methods.length == 0;
    }

    private boolean fieldsFit(RequestView request) {
        for (Field field : headers) {
            if (!field.fits(request.header(field.name))) {
                return false;
            }
        }
        for (Field field : query) {
            if (!field.fits(request.query(field.name))) {
                return false;
            }
        }
        return true;
    }

    static boolean same(String text, CharSequence other) {
        if (text.length() != other.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) != other.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
