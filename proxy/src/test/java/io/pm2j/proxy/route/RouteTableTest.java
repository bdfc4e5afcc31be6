package io.pm2j.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.edge.FieldMatch;
import io.pm2j.config.spec.edge.HostPattern;
import io.pm2j.config.spec.edge.MatchSpec;
import io.pm2j.config.spec.edge.PathMatch;
import io.pm2j.config.spec.edge.RegexText;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which route takes which request, where the random tables do not look.
class RouteTableTest {
    private static MatchSpec prefix(String path) {
        return MatchSpec.ALL.withPath(new PathMatch.Prefix(path));
    }

    private static MatchSpec host(String host) {
        return MatchSpec.ALL.withHosts(List.of(HostPattern.parse(host)));
    }

    /// What a table of these routes, each named by its place, says of a request: a place, or
    /// `none`, or a fault.
    private static String asked(List<MatchSpec> routes, RequestView request) {
        List<RouteTable.Entry<String>> entries = new ArrayList<>();
        for (int i = 0; i < routes.size(); i++) {
            entries.add(new RouteTable.Entry<>(routes.get(i), String.valueOf(i)));
        }
        return switch (RouteTable.of(entries).find(request)) {
            case RouteTable.Found.To<String>(String route) -> route;
            case RouteTable.Found.None<String>() -> "none";
            case RouteTable.Found.Refused<String>(PathReading.Fault fault) -> fault.name();
        };
    }

    @ParameterizedTest
    @CsvSource({
        "example.com, 0",
        "EXAMPLE.com:8080, 0",
        "example.com., 0",
        "example.com.:80, 0",
        "a.example.com, 1",
        "b.a.example.com:1, 1",
        ".example.com, none",
        "xexample.com, none",
        "com, none",
        "'', none",
        "[::1], 2",
        "[::1]:8080, 2",
        "[::2]:8080, none",
        "192.0.2.1:80, 3",
        "xn--bcher-kva.example, 4",
    })
    void aHostIsComparedWithoutItsCasePortAndFinalDot(String asked, String route) {
        List<MatchSpec> routes = List.of(
                host("example.com"), host("*.example.com"), host("[::1]"), host("192.0.2.1"), host("Bücher.example"));

        assertThat(asked(routes, FakeRequest.get(asked, "/"))).isEqualTo(route);
    }

    @ParameterizedTest
    @CsvSource({
        "/api, 0",
        "/api/, 0",
        "/api/x, 0",
        "/apix, 1",
        "/ap, 1",
        "/, 1",
        "/API, 1",
        "/%61pi/x, 0",
        "/api%2e, 1",
        "/a%7Eb, 1",
        "/api.x, 1",
        "/api/.hidden, 0"
    })
    void aPrefixEndsAtASegment(String path, String route) {
        assertThat(asked(List.of(prefix("/api"), MatchSpec.ALL), FakeRequest.get("h", path)))
                .isEqualTo(route);
    }

    @Test
    void whatPeopleWriteMeetsWhatClientsSend() {
        List<MatchSpec> routes = List.of(prefix("/café au lait"));

        assertThat(asked(routes, FakeRequest.get("h", "/caf%c3%a9%20au%20lait/x")))
                .isEqualTo("0");
    }

    @Test
    void aRegularExpressionHasToMatchTheWholePath() {
        List<MatchSpec> routes = List.of(MatchSpec.ALL.withPath(new PathMatch.Regex(new RegexText("/v[0-9]+"))));

        assertThat(asked(routes, FakeRequest.get("h", "/v12"))).isEqualTo("0");
        assertThat(asked(routes, FakeRequest.get("h", "/v12/x"))).isEqualTo("none");
        assertThat(asked(routes, FakeRequest.get("h", "/x/v12"))).isEqualTo("none");
    }

    @Test
    void aRegularExpressionGoesBeforeTheCatchAllAndAfterAPrefix() {
        MatchSpec regex = MatchSpec.ALL.withPath(new PathMatch.Regex(new RegexText("/a.*")));

        assertThat(asked(List.of(MatchSpec.ALL, regex), FakeRequest.get("h", "/a")))
                .isEqualTo("1");
        assertThat(asked(List.of(regex, prefix("/a")), FakeRequest.get("h", "/a/b")))
                .isEqualTo("1");
    }

    @Test
    void aRouteThatDoesNotFitLeavesTheRequestToALessSpecificHost() {
        List<MatchSpec> routes = List.of(
                host("a.test").withMethods(Set.of("POST")),
                host("a.test").withPath(new PathMatch.Prefix("/x")),
                MatchSpec.ALL);

        assertThat(asked(routes, FakeRequest.get("a.test", "/y"))).isEqualTo("2");
    }

    @Test
    void aHeaderOfOctetsMeetsATextOfCharacters() {
        MatchSpec match = MatchSpec.ALL.withHeaders(List.of(new FieldMatch("X-Name", new FieldMatch.Value.Exact("é"))));
        FakeRequest request = new FakeRequest("h", "GET", "/", Map.of("x-name", "\u00c3\u00a9"), Map.of());

        assertThat(asked(List.of(match), request)).isEqualTo("0");
    }

    @Test
    void theServerAsAWholeIsAskedAsItsRoot() {
        FakeRequest request = new FakeRequest("h", "OPTIONS", "*", Map.of(), Map.of());

        assertThat(asked(List.of(MatchSpec.ALL), request)).isEqualTo("0");
        assertThat(asked(List.of(MatchSpec.ALL), FakeRequest.get("h", "*"))).isEqualTo("NOT_A_PATH");
    }

    @Nested
    class AroundADeny {
        private final List<MatchSpec> denied = List.of(prefix("/admin"), MatchSpec.ALL);

        @ParameterizedTest
        @ValueSource(strings = {"/admin", "/admin/", "/admin/x", "/%61dmin", "/adm%69n/%2e%2e%2ex", "/admin/a%2Fb"})
        void theDenyTakesIt(String path) {
            assertThat(asked(denied, FakeRequest.get("h", path))).isEqualTo("0");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "//admin",
                    "/%2Fadmin",
                    "/%2fadmin",
                    "/x/../admin",
                    "/./admin",
                    "/x/%2e%2e/admin",
                    "/x/.%2E/admin",
                    "/x/..;/admin",
                    "/x/..;a=b/admin",
                    "/x%2f..%2fadmin",
                    "/x%5c..%5cadmin",
                    "/admin%2Fx",
                    "/admin;x",
                    "/admin;x/y",
                    "/;x/admin",
                    "/%5Cadmin",
                    "/admin%5Cx",
                    "/%3b/admin",
                    "/admin%3Bx",
                    "/%00/admin",
                    "/x/%c0%ae%c0%ae/admin",
                    "/x/%e0%80%ae/admin",
                    "/%zz/admin",
                    "/admin%2",
                    "admin",
                    "http://h/admin",
                    "/ad\\min",
                    "/ad min",
                    "/admin#x",
                    "/adm\u00e9n",
                    "/x/%2e%2e%2Fadmin",
                    "/..",
                    "/.",
                    "/x/..",
                    ""
                })
        void noSpellingIsPassedOn(String path) {
            assertThat(asked(denied, FakeRequest.get("h", path)))
                    .isIn("NOT_A_PATH", "BAD_ENCODING", "DOT_SEGMENT", "AMBIGUOUS");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "/@scope%2Fname",
                    "/a//b",
                    "//",
                    "/a;jsessionid=1",
                    "/administrator",
                    "/xadmin",
                    "/a/...",
                    "/.x",
                    "/%25%32%66admin",
                    "/%252fadmin",
                    "/a%E9",
                    "/x/admin",
                    "/.well-known/admin",
                    "/a%20b"
                })
        void whatMakesNoDifferenceGoesThrough(String path) {
            assertThat(asked(denied, FakeRequest.get("h", path))).isEqualTo("1");
        }

        /// Each liberty is taken alone too: here both the strictest and the loosest reading miss
        /// the deny.
        @Test
        void theReadingsBetweenCount() {
            List<MatchSpec> routes =
                    List.of(MatchSpec.ALL.withPath(new PathMatch.Regex(new RegexText("/a/b;.*"))), MatchSpec.ALL);

            assertThat(asked(routes, FakeRequest.get("h", "/a%2Fb;v"))).isEqualTo("AMBIGUOUS");
        }
    }

    @Test
    void aPlainLookupAllocatesNothing() {
        List<RouteTable.Entry<Integer>> entries = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            entries.add(new RouteTable.Entry<>(
                    host(i % 2 == 0 ? "h" + i + ".test" : "*.h" + i + ".test")
                            .withPath(new PathMatch.Prefix("/api/v" + i))
                            .withMethods(Set.of("GET", "POST")),
                    i));
        }
        RouteTable<Integer> table = RouteTable.of(entries);
        FakeRequest exact = FakeRequest.get("h42.test:80", "/api/v42/items/7");
        FakeRequest wildcard = FakeRequest.get("a.b.h43.test", "/api/v43/items/7");
        FakeRequest nowhere = FakeRequest.get("gone.test", "/api");
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        int found = 0;
        for (int i = 0; i < 20_000; i++) {
            found += table.find(exact).hashCode() + table.find(wildcard).hashCode();
        }

        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10_000; i++) {
            found += System.identityHashCode(table.find(exact));
            found += System.identityHashCode(table.find(wildcard));
            found += System.identityHashCode(table.find(nowhere));
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(found).isNotZero();
        // A byte a lookup would be 30 000; what is left is the measuring's own.
        assertThat(allocated).isLessThan(10_000);
    }
}
