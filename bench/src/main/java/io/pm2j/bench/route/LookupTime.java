package io.pm2j.bench.route;

import io.pm2j.config.spec.edge.HostPattern;
import io.pm2j.config.spec.edge.MatchSpec;
import io.pm2j.config.spec.edge.PathMatch;
import io.pm2j.proxy.route.RequestView;
import io.pm2j.proxy.route.RouteTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Prints the nanoseconds that a lookup takes in tables of different sizes: the median of several
/// rounds.
///
/// Half of the routes have an exact host and half a wildcard, ten routes each; requests go to all
/// of them in turn, and one in sixteen to none.
public final class LookupTime {
    private static final int ROUNDS = 9;
    private static final int LOOKUPS = 2_000_000;

    private LookupTime() {}

    private record Asked(String host, String path) implements RequestView {
        @Override
        public String method() {
            return "GET";
        }

        @Override
        public @Nullable CharSequence header(String lowerCaseName) {
            return null;
        }

        @Override
        public @Nullable CharSequence query(String name) {
            return null;
        }
    }

    public static void main(String[] args) {
        for (int routes : new int[] {10, 100, 1_000, 10_000}) {
            RouteTable<Integer> table = table(routes);
            Asked[] requests = requests(routes);
            long[] rounds = new long[ROUNDS];
            long found = round(table, requests) + round(table, requests);
            for (int i = 0; i < ROUNDS; i++) {
                long begin = System.nanoTime();
                found += round(table, requests);
                rounds[i] = System.nanoTime() - begin;
            }
            Arrays.sort(rounds);
            System.out.printf(
                    "%6d routes: %5.1f ns a lookup (%.1f to %.1f; %d found)%n",
                    routes,
                    nanos(rounds[ROUNDS / 2]),
                    nanos(rounds[0]),
                    nanos(rounds[ROUNDS - 1]),
                    found / (ROUNDS + 2));
        }
    }

    private static double nanos(long round) {
        return (double) round / LOOKUPS;
    }

    private static long round(RouteTable<Integer> table, Asked[] requests) {
        long found = 0;
        for (int i = 0; i < LOOKUPS; i++) {
            if (table.find(requests[i & requests.length - 1]) instanceof RouteTable.Found.To<Integer>) {
                found++;
            }
        }
        return found;
    }

    private static RouteTable<Integer> table(int routes) {
        List<RouteTable.Entry<Integer>> entries = new ArrayList<>();
        for (int i = 0; i < routes; i++) {
            HostPattern host = new HostPattern(domain(i), i / 10 % 2 == 1);
            MatchSpec match = MatchSpec.ALL.withHosts(List.of(host)).withPath(new PathMatch.Prefix("/api/v" + i % 10));
            entries.add(new RouteTable.Entry<>(match, i));
        }
        return RouteTable.of(entries);
    }

    private static String domain(int route) {
        return "shop" + route / 10 + ".example.com";
    }

    private static Asked[] requests(int routes) {
        Asked[] requests = new Asked[1024];
        for (int i = 0; i < requests.length; i++) {
            int route = i * 7919 % routes;
            String host = (route / 10 % 2 == 1 ? "www." : "") + domain(route) + ":8080";
            requests[i] = new Asked(host, i % 16 == 0 ? "/nowhere" : "/api/v" + route % 10 + "/items/" + i + "/parts");
        }
        return requests;
    }
}
