package io.pm2j.proxy.route;

import io.pm2j.config.spec.edge.HostPattern;
import io.pm2j.config.spec.edge.MatchSpec;
import io.pm2j.config.spec.edge.RouteSpec;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The routes of a listener, compiled: from a request to the one that takes it. Immutable;
/// replaced whole.
///
/// Of all routes that fit, the first in this order takes the request, as in the Gateway API:
///
/// 1. an exact host, then the longest wildcard, then any host; 2. an exact path, then the longest
/// prefix, then a regular expression, then the prefix `/`, which every path has; 3. a method
/// before none; 4. more headers; 5. more query parameters; 6. the one that stands first.
///
/// A lookup allocates nothing, unless a route with a header, a query parameter or a regular
/// expression is tried, or the path is spelled in an unusual way (see [PathReading]).
///
/// @param <R> what a route is to the caller
public final class RouteTable<R> {
    private final CharTable<PathTree<R>> exact;
    private final CharTable<PathTree<R>> wildcards;
    private final boolean anyWildcard;
    private final PathTree<R> others;
    private final Found<R> none = new Found.None<>();
    private final Map<PathReading.Fault, Found<R>> refused = new EnumMap<>(PathReading.Fault.class);

    /// One route: which requests, and what the caller knows it as.
    public record Entry<R>(MatchSpec match, R route) {}

    /// What a lookup comes to.
    public sealed interface Found<R> {
        record To<R>(R route) implements Found<R> {}

        /// No route takes it: answered 404.
        record None<R>() implements Found<R> {}

        /// Not looked up, since its path cannot be trusted: answered 400.
        record Refused<R>(PathReading.Fault fault) implements Found<R> {}
    }

    private RouteTable(List<Entry<R>> entries) {
        Map<String, PathTree.Growing<R>> byHost = new HashMap<>();
        Map<String, PathTree.Growing<R>> byDomain = new HashMap<>();
        PathTree.Growing<R> anyHost = new PathTree.Growing<>();
        for (int order = 0; order < entries.size(); order++) {
            MatchSpec match = entries.get(order).match();
            Rule<R> rule = new Rule<>(match, entries.get(order).route(), order);
            for (HostPattern host : match.hosts()) {
                (host.wildcard() ? byDomain : byHost)
                        .computeIfAbsent(host.name(), _ -> new PathTree.Growing<>())
                        .add(match.path(), rule);
            }
            if (match.hosts().isEmpty()) {
                anyHost.add(match.path(), rule);
            }
        }
        this.exact = table(byHost);
        this.wildcards = table(byDomain);
        this.anyWildcard = !byDomain.isEmpty();
        this.others = anyHost.tree();
        for (PathReading.Fault fault : PathReading.Fault.values()) {
            refused.put(fault, new Found.Refused<>(fault));
        }
    }

    private static <R> CharTable<PathTree<R>> table(Map<String, PathTree.Growing<R>> growing) {
        Map<String, PathTree<R>> trees = new HashMap<>();
        growing.forEach((host, tree) -> trees.put(host, tree.tree()));
        return new CharTable<>(trees, true);
    }

    public static <R> RouteTable<R> of(List<Entry<R>> entries) {
        return new RouteTable<>(entries);
    }

    /// The table of specs themselves.
    public static RouteTable<RouteSpec> ofSpecs(List<RouteSpec> routes) {
        return of(
                routes.stream().map(route -> new Entry<>(route.match(), route)).toList());
    }

    /// The route that takes a request.
    public Found<R> find(RequestView request) {
        CharSequence path = request.path();
        if (PathReading.isPlain(path)) {
            return found(find(request, path));
        }
        // RFC 9112 §3.2.4: `OPTIONS *` asks about the server as a whole.
        if (Rule.same("*", path) && Rule.same("OPTIONS", request.method())) {
            return found(find(request, "/"));
        }
        return switch (PathReading.of(path)) {
            case PathReading.Plain(String plain) -> found(find(request, plain));
            case PathReading.Refused(PathReading.Fault fault) -> refused(fault);
            case PathReading.Several(List<String> readings) -> {
                Rule<R> strict = find(request, readings.getFirst());
                boolean same = readings.stream().allMatch(reading -> find(request, reading) == strict);
                yield same ? found(strict) : refused(PathReading.Fault.AMBIGUOUS);
            }
        };
    }

    private Found<R> found(@Nullable Rule<R> rule) {
        return rule == null ? none : rule.found;
    }

    private Found<R> refused(PathReading.Fault fault) {
        return refused.getOrDefault(fault, none);
    }

    private @Nullable Rule<R> find(RequestView request, CharSequence path) {
        CharSequence host = request.host();
        int end = hostEnd(host);
        PathTree<R> tree = exact.get(host, 0, end);
        Rule<R> rule = tree == null ? null : tree.find(request, path);
        if (rule == null && anyWildcard && end > 0 && host.charAt(0) != '[') {
            rule = wildcard(host, end, request, path);
        }
        return rule == null ? others.find(request, path) : rule;
    }

    /// From the longest domain to the shortest; at least one label has to stand before it.
    private @Nullable Rule<R> wildcard(CharSequence host, int end, RequestView request, CharSequence path) {
        for (int dot = 1; dot < end; dot++) {
            if (host.charAt(dot) == '.') {
                PathTree<R> tree = wildcards.get(host, dot + 1, end);
                Rule<R> rule = tree == null ? null : tree.find(request, path);
                if (rule != null) {
                    return rule;
                }
            }
        }
        return null;
    }

    /// Without the port (RFC 9110 §7.2) and the final dot of a name that is already whole.
    static int hostEnd(CharSequence host) {
        int end = host.length();
        if (end > 0 && host.charAt(0) == '[') {
            for (int i = 1; i < end; i++) {
                if (host.charAt(i) == ']') {
                    return i + 1;
                }
            }
            return end;
        }
        for (int i = end - 1; i >= 0; i--) {
            if (host.charAt(i) == ':') {
                end = i;
                break;
            }
        }
        return end > 1 && host.charAt(end - 1) == '.' ? end - 1 : end;
    }
}
