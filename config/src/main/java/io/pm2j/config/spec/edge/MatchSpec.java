package io.pm2j.config.spec.edge;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/// Which requests a route is for: those that fit every part. An empty part fits everything.
///
/// `hosts` and `methods` hold alternatives; of `headers` and `query` all must hold. Names of
/// headers are lower case.
public record MatchSpec(
        List<HostPattern> hosts,
        PathMatch path,
        Set<String> methods,
        List<FieldMatch> headers,
        List<FieldMatch> query) {
    /// Every request.
    public static final MatchSpec ALL = new MatchSpec(List.of(), PathMatch.ANY, Set.of(), List.of(), List.of());

    /// The Gateway API takes as many.
    static final int MOST_FIELDS = 16;

    public MatchSpec {
        hosts = hosts.stream().distinct().toList();
        Set<String> sorted = new TreeSet<>(methods);
        for (String method : sorted) {
            Rules.require(Rules.token(method), Rules.quoted(method), "a method such as GET");
        }
        methods = Collections.unmodifiableSet(sorted);
        headers = headers.stream()
                .map(field -> new FieldMatch(field.name().toLowerCase(Locale.ROOT), field.value()))
                .toList();
        query = List.copyOf(query);
        for (FieldMatch field : headers) {
            Rules.require(Rules.token(field.name()), Rules.quoted(field.name()), "the name of a header");
        }
        Rules.require(headers.size() <= MOST_FIELDS, headers.size() + " headers", "at most " + MOST_FIELDS);
        Rules.require(query.size() <= MOST_FIELDS, query.size() + " query parameters", "at most " + MOST_FIELDS);
    }

    public MatchSpec withHosts(List<HostPattern> to) {
        return new MatchSpec(to, path, methods, headers, query);
    }

    public MatchSpec withPath(PathMatch to) {
        return new MatchSpec(hosts, to, methods, headers, query);
    }

    public MatchSpec withMethods(Set<String> to) {
        return new MatchSpec(hosts, path, to, headers, query);
    }

    public MatchSpec withHeaders(List<FieldMatch> to) {
        return new MatchSpec(hosts, path, methods, to, query);
    }

    public MatchSpec withQuery(List<FieldMatch> to) {
        return new MatchSpec(hosts, path, methods, headers, to);
    }
}
