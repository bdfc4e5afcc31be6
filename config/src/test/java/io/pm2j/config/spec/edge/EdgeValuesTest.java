package io.pm2j.config.spec.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.config.Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Values of the edge as people write them: what they mean, and what is none.
class EdgeValuesTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.1.2, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "0.0.0.0/0, 192.0.2.1, true",
        "0.0.0.0/0, ::1, false",
        "192.0.2.1, 192.0.2.1, true",
        "192.0.2.1, 192.0.2.2, false",
        "192.0.2.0/31, 192.0.2.1, true",
        "2001:db8::/33, 2001:db8:7fff::1, true",
        "2001:db8::/33, 2001:db8:8000::1, false",
        "::/0, 2001:db8::1, true",
        "::1, ::1, true",
        "::ffff:10.0.0.1, 10.0.0.1, true",
        "64:ff9b::192.0.2.1, 64:ff9b::c000:201, true",
    })
    void aBlockHoldsWhatBeginsAsItDoes(String block, String address, boolean inside) throws Exception {
        assertThat(Cidr.parse(block).contains(InetAddress.getByName(address).getAddress()))
                .isEqualTo(inside);
    }

    @Test
    void anAddressInsideIpv6IsTheIpv4Address() {
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff, 10, 0, 0, 1};

        assertThat(Cidr.parse("10.0.0.0/8").contains(mapped)).isTrue();
    }

    @Test
    void addressesAreReadAsThePlatformReadsThem() throws Exception {
        Random random = new Random(5);
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = new byte[16];
            random.nextBytes(bytes);
            for (int at = 0; at < 16; at++) {
                bytes[at] = random.nextBoolean() ? 0 : bytes[at];
            }
            bytes[0] = 0x20;
            String text = InetAddress.getByAddress(bytes).getHostAddress();

            assertThat(Cidr.parse(text).first()).as(text).isEqualTo(bytes);
            assertThat(Cidr.parse(Cidr.parse(text).text())).as(text).isEqualTo(Cidr.parse(text));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "host.test",
                "10.0.0",
                "10.0.0.0.0",
                "10.0.0.256",
                "010.0.0.1",
                "10.0.0.0/33",
                "10.0.0.0/",
                "10.0.0.0/-1",
                "10.0.0.1/8",
                "::/129",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "12345::",
                ":::",
                "g::",
                "1:2",
                "::1/64"
            })
    void whatIsNoBlockIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Cidr.parse(text)).withMessageContaining("expected");
    }

    @ParameterizedTest
    @CsvSource({
        "8080, [::]:8080",
        ":8080, [::]:8080",
        "*:8080, [::]:8080",
        "0.0.0.0:80, 0.0.0.0:80",
        "[::1]:80, [::1]:80",
        "localhost:0, localhost:0",
        "unix:/run/x.sock, unix:/run/x.sock",
    })
    void anAddressIsWhereToListen(String text, String address) {
        assertThat(AddressText.listen(text)).hasToString(address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "host", "::1:80x", "::1", "[::1]", "[::1]80", "a b:80", "h:65536", "h:-1", "h:", "unix:"})
    void whatIsNoAddressIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> AddressText.listen(text));
    }

    @ParameterizedTest
    @CsvSource({
        "Example.COM., example.com",
        "*.Example.com, *.example.com",
        "Bücher.example, xn--bcher-kva.example",
        "[2001:DB8::1], [2001:db8::1]",
        "a_b.test, a_b.test",
        "localhost, localhost",
    })
    void aHostHasOneSpelling(String text, String spelled) {
        assertThat(HostPattern.parse(text)).hasToString(spelled);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "*",
                "*.",
                "a..b",
                ".a",
                "a.*",
                "*a.b",
                "*.*.a",
                "a b",
                "a/b",
                "a:80",
                "[::1]:80",
                "-a",
                "*.[::1]",
                "user@a",
                "a%62"
            })
    void whatIsNoHostIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> HostPattern.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "/, /",
        "/api, /api",
        "/api/, /api/",
        "/%61pi, /api",
        "/a b, /a%20b",
        "/café, /caf%C3%A9",
        "/caf%c3%a9, /caf%C3%A9",
        "/a%25b, /a%25b",
        "/(a)*, /(a)*",
        "/%5Bx%5d, /%5Bx%5D"
    })
    void aWrittenPathHasOneSpelling(String text, String spelled) {
        assertThat(UriPath.written(text)).isEqualTo(spelled);
        assertThat(UriPath.normal(spelled)).isEqualTo(spelled);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "api",
                "/a?b",
                "/a#b",
                "/..",
                "/a/./b",
                "/%2e%2e/a",
                "//a",
                "/a//",
                "/a\\b",
                "/a%",
                "/a%zz",
                "/a;b",
                "/a%2Fb",
                "/a%5cb"
            })
    void aPathThatCouldNeverMatchIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> UriPath.written(text));
    }

    @Test
    void aTemplateIsReadInItsParts() {
        assertThat(Template.parse("/a{path}{{{1}}}").parts())
                .containsExactly(
                        new Template.Part.Literal("/a"),
                        new Template.Part.Filled(Template.Place.PATH),
                        new Template.Part.Literal("{"),
                        new Template.Part.Group(1),
                        new Template.Part.Literal("}"));
        assertThatThrownBy(() -> Template.parse("{path")).hasMessage("'{path' (expected: a } for each {)");
        assertThatThrownBy(() -> Template.parse("a}b")).hasMessageContaining("a { for each }");
        assertThatThrownBy(() -> Template.parse("{10}")).hasMessageContaining("expected: a digit");
    }

    @Test
    void aPasswordIsNeverPrinted() {
        List<AccessSpec.Password> all = List.of(
                AccessSpec.Password.parse("hunter2"),
                AccessSpec.Password.parse("$sha256$saltsalt$" + "0".repeat(64)),
                AccessSpec.Password.parse("$2y$10$" + "a".repeat(53)));

        assertThat(all).hasToString("[Plain, Sha256, Bcrypt]");
        assertThatThrownBy(() -> AccessSpec.Password.parse("$1$secret$x"))
                .hasMessageContaining("bcrypt")
                .message()
                .doesNotContain("secret");
    }

    /// An expression that takes others exponential time takes this one none to speak of.
    @Test
    void aRegularExpressionDoesNotRunAway() {
        assertThat(new RegexText("(a+)+$")
                        .compile()
                        .matcher("a".repeat(5_000) + "!")
                        .matches())
                .isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> new RegexText("(a)\\1"));
        assertThatIllegalArgumentException().isThrownBy(() -> new RegexText("x".repeat(1_025)));
    }

    @Test
    void anEdgeIsConsistent() {
        ListenerSpec http = ListenerSpec.http(Address.anyInterface(80));
        RouteSpec route = new RouteSpec(
                "r", List.of(http.address()), MatchSpec.ALL, new ActionSpec.Respond(204, "", ""), PolicySpec.DEFAULT);

        assertThatThrownBy(() -> new EdgeSpec(List.of(http, http), List.of(), List.of(), Optional.empty()))
                .hasMessage("two listeners at [::]:80 (expected: one)");
        assertThatThrownBy(() -> new EdgeSpec(List.of(http), List.of(route, route), List.of(), Optional.empty()))
                .hasMessage("two routes named 'r' (expected: one)");
        assertThatThrownBy(() -> new EdgeSpec(List.of(), List.of(route), List.of(), Optional.empty()))
                .hasMessage("route 'r' at an address not open (expected: an http listener)");
    }
}
