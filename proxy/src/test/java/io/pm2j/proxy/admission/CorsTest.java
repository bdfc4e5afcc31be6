package io.pm2j.proxy.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.edge.CorsSpec;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The Fetch Standard's CORS protocol.
class CorsTest {
    private static final Cors NAMED = new Cors(new CorsSpec(
            List.of("https://app.example.com", "http://*.dev.example:3000", "https://*.Example.org"),
            List.of("GET", "PUT"),
            List.of("X-One", "X-Two"),
            List.of("X-Total"),
            true,
            Duration.ofHours(1)));
    private static final Cors ANY = new Cors(CorsSpec.ANY);

    private static FakeArrival preflight(String origin) {
        return FakeArrival.here()
                .method("OPTIONS")
                .field("Origin", origin)
                .field("Access-Control-Request-Method", "PUT")
                .field("Access-Control-Request-Headers", "authorization,x-one");
    }

    @ParameterizedTest
    @CsvSource({
        "https://app.example.com, true",
        "https://APP.example.com, true",
        "http://app.example.com, false",
        "https://app.example.com:8443, false",
        "https://app.example.com.evil.example, false",
        "https://evilapp.example.com, false",
        "http://a.dev.example:3000, true",
        "http://a.b.dev.example:3000, true",
        "http://dev.example:3000, false",
        "http://.dev.example:3000, false",
        "http://a.dev.example, false",
        "http://evil.example#.dev.example:3000, false",
        "http://evil.example/.dev.example:3000, false",
        "http://user@evil.dev.example:3000, false",
        "https://shop.example.org, true",
        "null, false",
    })
    void allowsTheOriginsThatAreNamed(String origin, boolean allowed) {
        String lines = NAMED.lines(origin);

        assertThat(lines.contains("Access-Control-Allow-Origin: " + origin + "\r\n"))
                .isEqualTo(allowed);
        assertThat(lines.contains("Access-Control-Allow-Credentials: true\r\n")).isEqualTo(allowed);
        assertThat(lines.contains("Access-Control-Expose-Headers: X-Total\r\n")).isEqualTo(allowed);
        assertThat(lines).contains("Vary: Origin\r\n");
    }

    @Test
    void anAnswerThatMayVaryAlwaysSaysSo() {
        assertThat(NAMED.lines(null)).isEqualTo("Vary: Origin\r\n");
    }

    @Test
    void anyOriginNeedsNoVary() {
        assertThat(ANY.lines(null))
                .isEqualTo("Access-Control-Allow-Origin: *\r\n")
                .isSameAs(ANY.lines("null"));
    }

    @Test
    void answersAPreflight() {
        FakeArrival arrival = preflight("https://app.example.com");

        assertThat(NAMED.isPreflight(arrival)).isTrue();
        assertThat(NAMED.preflight(arrival)).isEqualTo("""
                Access-Control-Allow-Origin: https://app.example.com\r
                Access-Control-Allow-Credentials: true\r
                Access-Control-Allow-Methods: GET, PUT\r
                Access-Control-Allow-Headers: X-One, X-Two\r
                Access-Control-Max-Age: 3600\r
                Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r
                """);
    }

    @Test
    void aStarAllowsTheHeadersThatAreAskedFor() {
        assertThat(ANY.preflight(preflight("https://x.example")))
                .contains("Access-Control-Allow-Origin: *\r\n")
                .contains("Access-Control-Allow-Headers: authorization,x-one\r\n");
    }

    @Test
    void tellsAnUnknownOriginNothing() {
        assertThat(NAMED.preflight(preflight("https://evil.example")))
                .isEqualTo("Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r\n");
    }

    @Test
    void otherOptionsAreTheOriginServers() {
        assertThat(NAMED.isPreflight(FakeArrival.here().method("OPTIONS"))).isFalse();
        assertThat(NAMED.isPreflight(FakeArrival.here().method("OPTIONS").field("Origin", "https://app.example.com")))
                .isFalse();
        assertThat(NAMED.isPreflight(preflight("https://app.example.com").method("GET")))
                .isFalse();
    }
}
