package io.pm2j.proxy.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.edge.Cidr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Who a request comes from, and what is said of it.
class PeerTest {
    private static final TrustedProxies TRUSTED =
            TrustedProxies.of(List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("2001:db8:1::/48")));

    private static SocketAddress inet(String address) throws Exception {
        return new InetSocketAddress(InetAddress.ofLiteral(address), 4711);
    }

    private static Peer peer(String address) throws Exception {
        return Peer.of(inet(address), "http", 8080, TRUSTED);
    }

    private static FieldSource fields(String... namesAndValues) {
        Map<String, String> fields = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields::get;
    }

    private static Client client(String peer, String... namesAndValues) throws Exception {
        return peer(peer).client(fields(namesAndValues), TRUSTED);
    }

    @Nested
    class WhoItIs {
        @ParameterizedTest
        @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                192.0.2.1   | 198.51.100.7                       | 192.0.2.1
                10.0.0.1    | 198.51.100.7                       | 198.51.100.7
                10.0.0.1    | 6.6.6.6, 198.51.100.7              | 198.51.100.7
                10.0.0.1    | 6.6.6.6, 198.51.100.7, 10.0.0.2    | 198.51.100.7
                10.0.0.1    | 10.0.0.3,10.0.0.2                  | 10.0.0.3
                10.0.0.1    | 6.6.6.6, nonsense, 10.0.0.2        | 10.0.0.2
                10.0.0.1    | 6.6.6.6, unknown                   | 10.0.0.1
                10.0.0.1    | 6.6.6.6,, 10.0.0.2                 | 10.0.0.2
                10.0.0.1    | 6.6.6.6,                           | 10.0.0.1
                10.0.0.1    | 198.51.100.07                      | 10.0.0.1
                10.0.0.1    | 198.51.100                         | 10.0.0.1
                10.0.0.1    | 198.51.100.7:4711                  | 198.51.100.7
                10.0.0.1    | [2001:db8:2:0::7]:4711             | 2001:db8:2::7
                10.0.0.1    | [2001:db8:2::7                     | 10.0.0.1
                10.0.0.1    | 2001:DB8:2::7                      | 2001:db8:2::7
                10.0.0.1    | fe80::1%eth0                       | 10.0.0.1
                10.0.0.1    | ::ffff:198.51.100.7                | 198.51.100.7
                10.0.0.1    | 198.51.100.7, 2001:db8:1::9        | 198.51.100.7
                2001:db8:1::1 | 198.51.100.7                     | 198.51.100.7
                2001:db8:2::1 | 198.51.100.7                     | 2001:db8:2::1
                ::ffff:10.0.0.1 | 198.51.100.7                   | 198.51.100.7
                10.0.0.1    | 1.2.3.4;evil                       | 10.0.0.1
                """)
        void readsXForwardedForFromTheRight(String peer, String value, String client) throws Exception {
            assertThat(client(peer, "x-forwarded-for", value).ip()).isEqualTo(client);
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                192.0.2.1 | for=198.51.100.7                                   | 192.0.2.1
                10.0.0.1  | for=198.51.100.7                                   | 198.51.100.7
                10.0.0.1  | For="[2001:db8:2::7]:4711";proto=https             | 2001:db8:2::7
                10.0.0.1  | for=6.6.6.6, for=198.51.100.7;by=_x, for=10.0.0.2  | 198.51.100.7
                10.0.0.1  | for="6.6.6.6, for=198.51.100.7                     | 198.51.100.7
                10.0.0.1  | for="a\\", for=198.51.100.7                        | 198.51.100.7
                10.0.0.1  | for=6.6.6.6, for=unknown, for=10.0.0.2             | 10.0.0.2
                10.0.0.1  | for=6.6.6.6, for=_hidden                           | 10.0.0.1
                10.0.0.1  | for=6.6.6.6, for=198.51.100.7;for=7.7.7.7          | 10.0.0.1
                10.0.0.1  | for=6.6.6.6, proto=https                           | 10.0.0.1
                10.0.0.1  | for = 198.51.100.7                                 | 10.0.0.1
                10.0.0.1  | for="198.51.100.7:1, 2"                            | 10.0.0.1
                10.0.0.1  | for="19\\8.51.100.7"                               | 198.51.100.7
                10.0.0.1  | ,                                                  | 10.0.0.1
                """)
        void readsForwardedFromTheRight(String peer, String value, String client) throws Exception {
            assertThat(client(peer, "forwarded", value).ip()).isEqualTo(client);
        }

        @Test
        void xForwardedForCountsBeforeForwarded() throws Exception {
            Client client = client("10.0.0.1", "x-forwarded-for", "198.51.100.7", "forwarded", "for=6.6.6.6");

            assertThat(client.ip()).isEqualTo("198.51.100.7");
        }

        @Test
        void namesWhatTheClientSpokeAndAskedFor() throws Exception {
            Client client = client(
                    "10.0.0.1",
                    "x-forwarded-for",
                    "198.51.100.7",
                    "x-forwarded-proto",
                    "HTTPS",
                    "x-forwarded-host",
                    "shop.example:8443");

            assertThat(client.scheme()).isEqualTo("https");
            assertThat(client.host()).isEqualTo("shop.example:8443");
            assertThat(client.port()).isEqualTo(8443);
        }

        @Test
        void takesTheMemberAtTheClientsPlace() throws Exception {
            Client client = client(
                    "10.0.0.1",
                    "x-forwarded-for",
                    "6.6.6.6, 198.51.100.7, 10.0.0.2",
                    "x-forwarded-proto",
                    "ftp, https, http",
                    "x-forwarded-host",
                    "evil.example, shop.example",
                    "x-forwarded-port",
                    "1, 443, 80");

            assertThat(client.scheme()).isEqualTo("https");
            assertThat(client.port()).isEqualTo(443);
            // Not as many as addresses: only the last is the peer's for certain.
            assertThat(client.host()).isEqualTo("shop.example");
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
                x-forwarded-proto | gopher      | http | 8080
                x-forwarded-proto | https       | https | 443
                x-forwarded-port  | 70000       | http | 8080
                x-forwarded-port  | 443         | http | 443
                x-forwarded-port  | -1          | http | 8080
                x-forwarded-host  | a/b         | http | 8080
                x-forwarded-host  | a.example:x | http | 8080
                x-forwarded-host  | [::1]:81    | http | 81
                """)
        void takesNothingThatIsMalformed(String name, String value, String scheme, int port) throws Exception {
            Client client = client("10.0.0.1", name, value);

            assertThat(client.scheme()).isEqualTo(scheme);
            assertThat(client.port()).isEqualTo(port);
        }

        @Test
        void nobodySpeaksForAPeerThatIsNotTrusted() throws Exception {
            Peer peer = peer("192.0.2.1");

            assertThat(peer.client(
                            fields(
                                    "x-forwarded-for", "10.0.0.1",
                                    "x-forwarded-proto", "https",
                                    "x-forwarded-host", "evil.example",
                                    "forwarded", "for=10.0.0.1"),
                            TRUSTED))
                    .isSameAs(peer.client());
        }

        @ParameterizedTest
        @CsvSource({"127.0.0.0/8, true", "::1, true", "10.0.0.0/8, false", "0.0.0.0/0, true"})
        void aUnixPeerIsTrustedWhereThisMachineIs(String block, boolean trusted) {
            SocketAddress address = UnixDomainSocketAddress.of("/run/web.sock");
            TrustedProxies proxies = TrustedProxies.of(List.of(Cidr.parse(block)));

            assertThat(Peer.of(address, "http", 0, proxies).trusted()).isEqualTo(trusted);
            assertThat(Peer.of(null, "http", 0, TrustedProxies.NONE).trusted()).isFalse();
        }
    }

    @Nested
    class WhatGoesOn {
        private String lines(Peer peer, @Nullable String host, String... namesAndValues) {
            FieldSource fields = fields(namesAndValues);
            Client client = peer.client(fields, TRUSTED);
            byte[] lines = ForwardedFields.appended(peer, client, fields, host == null ? "" : host);
            return new String(lines, StandardCharsets.ISO_8859_1);
        }

        @Test
        void isTheSameForAWholeConnectionOfAnUntrustedPeer() throws Exception {
            assertThat(peer("192.0.2.1").lines()).asString().isEqualTo("""
                    X-Forwarded-For: 192.0.2.1\r
                    X-Forwarded-Proto: http\r
                    X-Forwarded-Port: 8080\r
                    Forwarded: for=192.0.2.1;proto=http\r
                    """);
            assertThat(peer("2001:db8:0:0:0::7").lines()).asString().isEqualTo("""
                    X-Forwarded-For: 2001:db8::7\r
                    X-Forwarded-Proto: http\r
                    X-Forwarded-Port: 8080\r
                    Forwarded: for="[2001:db8::7]";proto=http\r
                    """);
        }

        @Test
        void namesNoAddressOfAUnixPeer() {
            Peer peer = Peer.of(UnixDomainSocketAddress.of("/run/web.sock"), "http", 0, TrustedProxies.NONE);

            assertThat(peer.lines()).asString().isEqualTo("""
                    X-Forwarded-Proto: http\r
                    Forwarded: for=unknown;proto=http\r
                    """);
        }

        @Test
        void appendsToATrustedPeersListAndSaysTheSameInBoth() throws Exception {
            String lines = lines(
                    peer("10.0.0.1"),
                    "inner.example",
                    "x-forwarded-for",
                    "6.6.6.6, 198.51.100.7",
                    "x-forwarded-proto",
                    "https",
                    "x-forwarded-host",
                    "shop.example:8443",
                    "forwarded",
                    "for=10.9.9.9");

            assertThat(lines).isEqualTo("""
                    X-Forwarded-For: 6.6.6.6, 198.51.100.7, 10.0.0.1\r
                    X-Forwarded-Proto: https\r
                    X-Forwarded-Port: 8443\r
                    X-Forwarded-Host: shop.example:8443\r
                    Forwarded: for=198.51.100.7;proto=https;host="shop.example:8443", for=10.0.0.1;proto=http\r
                    """);
        }

        @Test
        void appendsToForwardedWhereThatOneCounts() throws Exception {
            String lines = lines(
                    peer("10.0.0.1"),
                    "inner.example",
                    "forwarded",
                    "for=\"[2001:db8:2::7]\";proto=https;host=shop.example");

            assertThat(lines).isEqualTo("""
                    X-Forwarded-For: 2001:db8:2::7, 10.0.0.1\r
                    X-Forwarded-Proto: https\r
                    X-Forwarded-Port: 443\r
                    X-Forwarded-Host: shop.example\r
                    Forwarded: for="[2001:db8:2::7]";proto=https;host=shop.example, for=10.0.0.1;proto=http\r
                    """);
        }

        @Test
        void beginsAnewBehindAMalformedForwarded() throws Exception {
            String lines = lines(peer("10.0.0.1"), "a.example", "forwarded", "for=\"6.6.6.6, for=198.51.100.7");

            assertThat(lines).contains("Forwarded: for=198.51.100.7;proto=http, for=10.0.0.1;proto=http\r\n");
        }

        @Test
        void aTrustedPeerThatSaysNothingIsTheClient() throws Exception {
            assertThat(lines(peer("10.0.0.1"), "a.example")).isEqualTo("""
                    X-Forwarded-For: 10.0.0.1\r
                    X-Forwarded-Proto: http\r
                    X-Forwarded-Port: 8080\r
                    X-Forwarded-Host: a.example\r
                    Forwarded: for=10.0.0.1;proto=http\r
                    """);
        }
    }
}
