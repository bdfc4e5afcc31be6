package io.pm2j.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.config.spec.edge.ActionSpec.Redirect;
import io.pm2j.config.spec.edge.PathMatch;
import io.pm2j.config.spec.edge.PathStep;
import io.pm2j.config.spec.edge.RegexText;
import io.pm2j.config.spec.edge.Template;
import io.pm2j.config.spec.edge.Template.Place;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What becomes of paths, and where redirects lead.
class RewriteTest {
    private static Facts facts(String path, String query) {
        return facts(Map.of(
                Place.SCHEME, "http",
                Place.HOST, "h.test",
                Place.PORT, "8080",
                Place.METHOD, "GET",
                Place.PATH, path,
                Place.QUERY, query,
                Place.CLIENT_IP, "2001:db8::1"));
    }

    private static Facts facts(Map<Place, String> known) {
        return place -> known.getOrDefault(place, "");
    }

    private static String apply(PathStep step, String path, String query) {
        return switch (Rewrite.of(List.of(step)).apply(path, facts(path, query))) {
            case Rewrite.Result.Target(String target, boolean queried) -> target + (queried ? " (query)" : "");
            case Rewrite.Result.Refused(PathReading.Fault fault) -> fault.name();
        };
    }

    @ParameterizedTest
    @CsvSource({
        "/api, /api/x, /x",
        "/api, /api, /",
        "/api, /api/, /",
        "/api, /apix, /apix",
        "/api, /x/api, /x/api",
        "/api/v1, /api/v1/x/y, /x/y",
        "/api, /%61pi/a%20b, /a%20b",
        "/api, /api//evil.test, /evil.test",
        "/api, /api/%2Fevil.test, /%2Fevil.test",
        "/api, /api/a%2fb;v=1, /a%2fb;v=1",
        "/, /x, /x",
        "/café, /caf%c3%a9/x, /x",
    })
    void aPrefixIsTakenAway(String prefix, String path, String result) {
        assertThat(apply(new PathStep.StripPrefix(new PathMatch.Prefix(prefix)), path, ""))
                .isEqualTo(result);
    }

    @ParameterizedTest
    @CsvSource({"/v1, /x, /v1/x", "/v1/, /x, /v1/x", "/v1, /, /v1/", "/, /x, /x", "/a b, /x, /a%20b/x"})
    void aPrefixIsPutBefore(String prefix, String path, String result) {
        assertThat(apply(new PathStep.AddPrefix(new PathMatch.Prefix(prefix)), path, ""))
                .isEqualTo(result);
    }

    @ParameterizedTest
    @CsvSource({
        "/index.php, /x, a=1, /index.php",
        "/old{path}, /x/y, a=1, /old/x/y",
        "/go?to={path}, /x&admin=1, a=1, /go?to=/x%26admin%3D1 (query)",
        "/go?to={path}&{query}, /a%20b, c=d&e=f, /go?to=/a%20b&c=d&e=f (query)",
        "/{host}{path}, /x, '', /h.test/x",
        "/{client_ip}, /x, '', /2001:db8::1",
        "{path}, //evil.test, '', /evil.test",
        "/x{uri}, /y, a=1, /x/y?a=1 (query)",
        "/a b, /x, '', /a%20b",
    })
    void aPathIsMade(String template, String path, String query, String result) {
        assertThat(apply(new PathStep.Fixed(Template.parse(template)), path, query))
                .isEqualTo(result);
    }

    @ParameterizedTest
    @CsvSource({
        "/users/(.*), /u/{1}, /users/7, /u/7",
        "/users/(.*), /u/{1}, /other, /other",
        "/users/(.*), /u/{1}, /x/users/7, /x/users/7",
        "/users/(.*), /u?id={1}, /users/7&x=1, /u?id=7%26x%3D1 (query)",
        "'/(\\w+)/(\\w+)', /{2}/{1}, /a/b, /b/a",
        "/(.*), {1}, //evil.test, /evil.test",
        "'/(x?)(.*)', /{1}{2}, /%2e, /.",
        "'/a(.)b(.)', /{1}{2}, /a.b., DOT_SEGMENT",
    })
    void aRegularExpressionIsReplaced(String regex, String to, String path, String result) {
        assertThat(apply(new PathStep.Replace(new RegexText(regex), Template.parse(to)), path, ""))
                .isEqualTo(result.equals("/.") ? "DOT_SEGMENT" : result);
    }

    @Test
    void stepsAreTakenInTheirOrderAndKeepAQueryOnceMade() {
        Rewrite rewrite = Rewrite.of(List.of(
                new PathStep.StripPrefix(new PathMatch.Prefix("/api")),
                new PathStep.Fixed(Template.parse("/new?p={path}")),
                new PathStep.AddPrefix(new PathMatch.Prefix("/v2"))));

        assertThat(rewrite.apply("/api/x", facts("/api/x", "")))
                .isEqualTo(new Rewrite.Result.Target("/v2/new?p=/api/x", true));
    }

    @Test
    void whateverIsAskedTheResultIsOnePathOnThisOrigin() {
        Random random = new Random(7);
        String alphabet = "/.a;%25Fec&?=\\";
        Rewrite rewrite = Rewrite.of(List.of(
                new PathStep.StripPrefix(new PathMatch.Prefix("/a")),
                new PathStep.Replace(new RegexText("/(.?)(.*)"), Template.parse("/{2}{1}"))));
        for (int i = 0; i < 20_000; i++) {
            StringBuilder path = new StringBuilder("/");
            for (int n = random.nextInt(12); n > 0; n--) {
                path.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            if (PathReading.of(path) instanceof PathReading.Refused) {
                continue;
            }

            if (rewrite.apply(path, facts(path.toString(), ""))
                    instanceof Rewrite.Result.Target(String target, boolean queried)) {
                assertThat(target).as(path.toString()).startsWith("/").doesNotStartWith("//");
                assertThat(queried).isFalse();
                assertThat(PathReading.of(target)).isNotInstanceOf(PathReading.Refused.class);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "https://www.example.com{uri}, /x, a=1, https://www.example.com/x?a=1",
        "https://www.example.com, /x, a=1, https://www.example.com/",
        "https://{host}{path}, /x, '', https://h.test/x",
        "https://{host}:8443{uri}, /x, '', https://h.test:8443/x",
        "http://example.com:80/a, /x, '', http://example.com/a",
        "/new{path}, /x, a=1, /new/x",
        "{path}, //evil.test, '', REFUSED",
        "/{1}, /x, '', /",
    })
    void aLocationIsFilled(String to, String path, String query, String location) {
        if (location.equals("REFUSED")) {
            assertThatThrownBy(() -> Redirect.parse(to, 302)).hasMessageContaining("expected: https://host/path");
            return;
        }
        assertThat(Location.of(Redirect.parse(to, 302), PathMatch.ANY, facts(path, query)))
                .contains(location);
    }

    private static Redirect redirect(String scheme, String host, int port, String path) {
        return new Redirect(
                301,
                Optional.of(scheme).filter(s -> !s.isEmpty()),
                Optional.of(host).filter(s -> !s.isEmpty()).map(Template::parse),
                port > 0 ? OptionalInt.of(port) : OptionalInt.empty(),
                Optional.of(path).filter(s -> !s.isEmpty()).map(Template::parse),
                true);
    }

    @ParameterizedTest
    @CsvSource({
        "https, '', 0, '', /x, a=1, https://h.test/x?a=1",
        "http, '', 0, '', /x, '', http://h.test:8080/x",
        "'', other.test, 0, '', /x, a=1, http://other.test/x?a=1",
        "'', '', 9090, '', /x, a=1, http://h.test:9090/x?a=1",
        "'', '', 0, '/new', /x, a=1, /new?a=1",
        "'', '', 0, '', //evil.test/x, '', /evil.test/x",
        "https, '', 0, '', //evil.test, '', https://h.test/evil.test",
    })
    void whatIsNotSaidStaysAsItWasAskedFor(
            String scheme, String host, int port, String to, String path, String query, String location) {
        assertThat(Location.of(redirect(scheme, host, port, to), PathMatch.ANY, facts(path, query)))
                .contains(location);
    }

    @Test
    void groupsOfTheRoutesExpressionFillALocation() {
        PathMatch match = new PathMatch.Regex(new RegexText("/blog/(\\d+)/(.*)"));

        assertThat(Location.of(Redirect.parse("/posts/{2}?n={1}", 301), match, facts("/blog/7/a%20b", "")))
                .contains("/posts/a%20b?n=7");
    }

    @Test
    void aHostThatIsNoneLeadsNowhere() {
        Facts facts = facts(Map.of(Place.SCHEME, "http", Place.HOST, "evil.test/x?", Place.PATH, "/"));

        assertThat(Location.of(redirect("https", "", 0, ""), PathMatch.ANY, facts))
                .isEmpty();
    }

    @Test
    void aHeaderHasNoLineBreak() {
        Facts facts = facts(Map.of(Place.PATH, "/a\r\nX: 1\0"));

        assertThat(Filling.header(Template.parse("p={path} {{x}}"), facts)).isEqualTo("p=/aX: 1 {x}");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {
                "a=1&b=2, b, 2",
                "a=1&a=2, a, 1",
                "a, a, ''",
                "a=, a, ''",
                "aa=1, a, null",
                "'', a, null",
                "&&a=1, a, 1",
                "a=b=c, a, b=c",
                "%61=x%20y+z, a, x y z",
                "a=%zz%, a, %zz%",
                "a%3D=1, a=, 1",
            })
    void theFirstValueOfAParameterCounts(String query, String name, String value) {
        assertThat(Query.first(query, name)).isEqualTo(value);
    }
}
