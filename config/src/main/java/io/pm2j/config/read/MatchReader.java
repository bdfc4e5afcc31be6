package io.pm2j.config.read;

import io.pm2j.config.spec.edge.FieldMatch;
import io.pm2j.config.spec.edge.HostPattern;
import io.pm2j.config.spec.edge.MatchSpec;
import io.pm2j.config.spec.edge.PathMatch;
import io.pm2j.config.spec.edge.RegexText;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// Reads which requests a route is for: the keys of `match`, of which host, path and method may
/// also stand beside it.
final class MatchReader {
    private static final String PATHS = "a path such as /api, or an object with exact, prefix or regex";

    private final Reading reading;

    MatchReader(Reading reading) {
        this.reading = reading;
    }

    MatchSpec read(Keys route) {
        MatchSpec flat = plain(route, MatchSpec.ALL);
        Optional<Keys> inner = route.of("match")
                .flatMap(
                        node -> reading.keys(node, route.path("match"), "an object with host, path, method and so on"));
        if (inner.isEmpty()) {
            return flat;
        }
        Keys match = inner.get();
        for (String key : List.of("host", "hosts", "path", "method", "methods")) {
            match.of(key)
                    .filter(_ -> route.of(key).isPresent())
                    .ifPresent(node -> reading.problem(
                            node, match.path(key), "stands beside match too (expected: one of the two)"));
        }
        MatchSpec all = plain(match, flat);
        Optional<MatchSpec> whole = reading.made(
                match.object(),
                match.path(),
                () -> all.withHeaders(fields(match, "header", "headers"))
                        .withQuery(fields(match, "query", "query_params")));
        match.done();
        return whole.orElse(all);
    }

    private MatchSpec plain(Keys keys, MatchSpec otherwise) {
        MatchSpec match = otherwise;
        Optional<Node> hosts = keys.of("host", "hosts");
        if (hosts.isPresent()) {
            match = match.withHosts(reading.list(hosts.get(), named(keys, "host", "hosts"), this::host).stream()
                    .flatMap(Optional::stream)
                    .toList());
        }
        Optional<PathMatch> path = keys.of("path").flatMap(node -> path(node, keys.path("path")));
        if (path.isPresent()) {
            match = match.withPath(path.get());
        }
        Optional<Node> methods = keys.of("method", "methods");
        if (methods.isPresent()) {
            match = methods(methods.get(), named(keys, "method", "methods"), match);
        }
        return match;
    }

    private static String named(Keys keys, String key, String alias) {
        return keys.path(keys.of(alias).isPresent() ? alias : key);
    }

    /// `*` is every host, so it narrows nothing; it counts as read.
    private Optional<Optional<HostPattern>> host(Node node, String path) {
        if (node instanceof Node.Text(Node.Position _, String text) && text.equals("*")) {
            return Optional.of(Optional.empty());
        }
        return reading.parsed(node, path, "a host such as example.com or *.example.com", HostPattern::parse)
                .map(Optional::of);
    }

    Optional<PathMatch> path(Node node, String path) {
        if (node instanceof Node.Obj) {
            return reading.keys(node, path, PATHS).flatMap(keys -> kind(keys));
        }
        return reading.parsed(node, path, PATHS, text -> {
            if (text.indexOf('*') >= 0) {
                throw new IllegalArgumentException("'" + text
                        + "' (expected: a path without *; /api takes all below it too, and regex is for the rest)");
            }
            return new PathMatch.Prefix(text);
        });
    }

    private Optional<PathMatch> kind(Keys keys) {
        List<PathMatch> kinds = new ArrayList<>();
        read(keys, "exact", PathMatch.Exact::new).ifPresent(kinds::add);
        read(keys, "prefix", PathMatch.Prefix::new).ifPresent(kinds::add);
        read(keys, "regex", text -> new PathMatch.Regex(new RegexText(text))).ifPresent(kinds::add);
        long said = List.of("exact", "prefix", "regex").stream()
                .filter(key -> keys.of(key).isPresent())
                .count();
        keys.done();
        if (said != 1) {
            reading.problem(keys.object(), keys.path(), said + " kinds of path (expected: exact, prefix or regex)");
        }
        return kinds.stream().findFirst();
    }

    private Optional<PathMatch> read(Keys keys, String key, Function<String, PathMatch> kind) {
        return keys.of(key).flatMap(node -> reading.parsed(node, keys.path(key), "a text", kind));
    }

    /// Methods are upper case but for made-up ones (RFC 9110 §9.1); who writes `get` means `GET`.
    private MatchSpec methods(Node node, String path, MatchSpec match) {
        Set<String> methods = new LinkedHashSet<>();
        for (String text : reading.texts(node, path)) {
            for (String word : text.split("[\\s,|]+")) {
                methods.add(word.toUpperCase(Locale.ROOT));
            }
        }
        return reading.made(node, path, () -> match.withMethods(methods)).orElse(match);
    }

    private List<FieldMatch> fields(Keys match, String key, String alias) {
        Optional<Node> node = match.of(key, alias);
        if (node.isEmpty()) {
            return List.of();
        }
        String path = named(match, key, alias);
        if (!(node.get() instanceof Node.Obj(Node.Position _, Map<String, Node> fields, var _))) {
            reading.unexpected(node.get(), path, "an object of names and values");
            return List.of();
        }
        List<FieldMatch> all = new ArrayList<>();
        fields.forEach((name, value) -> value(value, path + "." + name)
                .flatMap(one -> reading.made(value, path + "." + name, () -> new FieldMatch(name, one)))
                .ifPresent(all::add));
        return all;
    }

    private Optional<FieldMatch.Value> value(Node node, String path) {
        return switch (node) {
            case Node.Text(Node.Position _, String text) -> Optional.of(new FieldMatch.Value.Exact(text));
            case Node.Num(Node.Position _, String text) -> Optional.of(new FieldMatch.Value.Exact(text));
            case Node.Bool(Node.Position _, boolean there) ->
                Optional.of(there ? new FieldMatch.Value.Present() : new FieldMatch.Value.Absent());
            case Node.Obj object -> {
                Keys keys = new Keys(reading, object, path);
                Optional<FieldMatch.Value> regex = keys.of("regex")
                        .flatMap(text -> reading.parsed(
                                text, keys.path("regex"), "a text", t -> new FieldMatch.Value.Regex(new RegexText(t))));
                Optional<FieldMatch.Value> exact = keys.text("exact").map(FieldMatch.Value.Exact::new);
                if (keys.of("regex").isPresent() == keys.of("exact").isPresent()) {
                    reading.unexpected(node, path, "exact or regex");
                }
                keys.done();
                yield regex.or(() -> exact);
            }
            case Node.Arr _, Node.Nul _ -> {
                reading.unexpected(node, path, "a text, true, false, or an object with regex");
                yield Optional.empty();
            }
        };
    }
}
