package io.pm2j.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.edge.FieldMatch;
import io.pm2j.config.spec.edge.HostPattern;
import io.pm2j.config.spec.edge.MatchSpec;
import io.pm2j.config.spec.edge.PathMatch;
import io.pm2j.config.spec.edge.RegexText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The table agrees with the plain rules, over many random tables and requests from a small world
/// where much collides.
class RouteTablePropertyTest {
    private static final int TABLES = 2_000;
    private static final int REQUESTS = 25;
    private static final List<String> HOSTS = List.of(
            "example.com", "a.example.com", "b.a.example.com", "c.b.a.example.com", "other.test", "com", "EXAMPLE.com");
    private static final List<String> SEGMENTS = List.of("api", "v1", "v2", "a", "b");
    private static final List<String> METHODS = List.of("GET", "POST", "PUT");
    private static final List<String> REGEXES = List.of("/api/.*", ".*/v1", "/[ab]+(/.*)?", "/.*", "/api/v[0-9]/?");

    @Test
    void agreesWithALinearMatcher() {
        Random random = new Random(20_250_731);
        int taken = 0;
        for (int table = 0; table < TABLES; table++) {
            List<MatchSpec> routes = new ArrayList<>();
            for (int i = random.nextInt(12); i >= 0; i--) {
                routes.add(match(random));
            }
            LinearMatcher plain = new LinearMatcher(routes);
            RouteTable<Integer> compiled = compiled(routes);
            for (int i = 0; i < REQUESTS; i++) {
                FakeRequest request = request(random);

                Optional<Integer> expected = plain.find(request);
                taken += expected.isPresent() ? 1 : 0;
                // Compared first: a description of each of so many would be most of the time.
                if (!found(compiled, request).equals(expected)) {
                    assertThat(found(compiled, request))
                            .as("%s in %s", request, routes)
                            .isEqualTo(expected);
                }
            }
        }

        assertThat(taken).isBetween(TABLES * REQUESTS / 4, TABLES * REQUESTS);
    }

    private static RouteTable<Integer> compiled(List<MatchSpec> routes) {
        List<RouteTable.Entry<Integer>> entries = new ArrayList<>();
        for (int i = 0; i < routes.size(); i++) {
            entries.add(new RouteTable.Entry<>(routes.get(i), i));
        }
        return RouteTable.of(entries);
    }

    private static Optional<Integer> found(RouteTable<Integer> table, FakeRequest request) {
        return switch (table.find(request)) {
            case RouteTable.Found.To<Integer>(Integer route) -> Optional.of(route);
            case RouteTable.Found.None<Integer>() -> Optional.empty();
            case RouteTable.Found.Refused<Integer>(PathReading.Fault fault) -> throw new AssertionError(fault);
        };
    }

    private static MatchSpec match(Random random) {
        MatchSpec match = MatchSpec.ALL.withPath(path(random));
        if (random.nextInt(3) > 0) {
            List<HostPattern> hosts = new ArrayList<>();
            for (int i = random.nextInt(2); i >= 0; i--) {
                hosts.add(HostPattern.parse((random.nextBoolean() ? "*." : "") + pick(HOSTS, random)));
            }
            match = match.withHosts(hosts);
        }
        if (random.nextInt(3) == 0) {
            match = match.withMethods(Set.copyOf(List.of(pick(METHODS, random), "GET")));
        }
        if (random.nextInt(3) == 0) {
            match = match.withHeaders(fields(random));
        }
        return random.nextInt(4) == 0 ? match.withQuery(fields(random)) : match;
    }

    private static PathMatch path(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> new PathMatch.Exact(pathText(random));
            case 1 -> new PathMatch.Regex(new RegexText(pick(REGEXES, random)));
            case 2 -> PathMatch.ANY;
            default -> new PathMatch.Prefix(pathText(random));
        };
    }

    private static List<FieldMatch> fields(Random random) {
        List<FieldMatch> fields = new ArrayList<>();
        for (String name : List.of("x", "y")) {
            switch (random.nextInt(6)) {
                case 0 -> fields.add(new FieldMatch(name, new FieldMatch.Value.Exact("1")));
                case 1 -> fields.add(new FieldMatch(name, new FieldMatch.Value.Regex(new RegexText("[12]"))));
                case 2 -> fields.add(new FieldMatch(name, new FieldMatch.Value.Present()));
                case 3 -> fields.add(new FieldMatch(name, new FieldMatch.Value.Absent()));
                default -> {}
            }
        }
        return fields;
    }

    private static FakeRequest request(Random random) {
        return new FakeRequest(
                pick(HOSTS, random), pick(METHODS, random), pathText(random), values(random), values(random));
    }

    private static String pathText(Random random) {
        StringBuilder path = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            path.append('/').append(pick(SEGMENTS, random));
        }
        return path.isEmpty() || random.nextInt(4) == 0 ? path.append('/').toString() : path.toString();
    }

    private static Map<String, String> values(Random random) {
        Map<String, String> values = new HashMap<>();
        for (String name : List.of("x", "y")) {
            if (random.nextBoolean()) {
                values.put(name, String.valueOf(random.nextInt(4)));
            }
        }
        return values;
    }

    private static <T> T pick(List<T> from, Random random) {
        return from.get(random.nextInt(from.size()));
    }
}
