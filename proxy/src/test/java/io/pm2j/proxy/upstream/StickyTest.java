package io.pm2j.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.config.Address;
import io.pm2j.config.spec.edge.ClientKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Sessions that stick, and the keys of requests.
final class StickyTest {
    private static final StickyKey KEY = new StickyKey("sixteen or more.".getBytes(StandardCharsets.US_ASCII));

    private final Upstream upstream = sticky("app", KEY);

    private static Upstream sticky(String name, StickyKey key) {
        LoopAgent loop = new LoopAgent() {
            @Override
            public void wake(Upstream upstream) {}

            @Override
            public void closeIdle(Endpoint endpoint, Runnable closed) {
                closed.run();
            }

            @Override
            public void after(long nanos, Runnable task) {}
        };
        Upstream made = new Upstream(UpstreamSpec.named(name), List.of(loop));
        made.stick(key);
        return made;
    }

    private static EndpointSpec worker(long id, String slot) {
        return new EndpointSpec(id, new Origin.At(new Address.Unix("/x")), 1, slot);
    }

    private Endpoint claimed(String cookie) {
        return Objects.requireNonNull(upstream.claimPinned(0, cookie, false));
    }

    private static String cookieOf(Upstream of, long id) {
        Endpoint endpoint = of.members().stream()
                .filter(e -> e.spec().id() == id)
                .findFirst()
                .orElseThrow();
        return Objects.requireNonNull(of.cookie(endpoint));
    }

    @Test
    void bringsASessionBack() {
        upstream.admit(Set.of(worker(1, "0"), worker(2, "1"), worker(3, "2")));
        String cookie = cookieOf(upstream, 2);
        assertThat(cookie).matches("[A-Za-z0-9_-]{22}");
        for (int i = 0; i < 20; i++) {
            assertThat(claimed(cookie).spec().id()).isEqualTo(2);
        }
    }

    @Test
    void followsTheInstanceToItsNextWorker() {
        upstream.admit(Set.of(worker(1, "0"), worker(2, "1")));
        String cookie = cookieOf(upstream, 2);
        upstream.admit(Set.of(worker(1, "0"), worker(3, "1")));
        assertThat(claimed(cookie).spec().id()).isEqualTo(3);
        assertThat(upstream.isPinned(cookie)).isTrue();
    }

    @Test
    void tellsThatItsInstanceHasLeft() {
        upstream.admit(Set.of(worker(1, "0"), worker(2, "1")));
        String cookie = cookieOf(upstream, 2);
        upstream.admit(Set.of(worker(1, "0")));
        assertThat(upstream.claimPinned(0, cookie, false)).isNull();
        assertThat(upstream.isPinned(cookie)).isFalse();
    }

    @Test
    void staysPinnedWhileItsEndpointIsEjected() {
        upstream.admit(Set.of(worker(1, "0"), worker(2, "1")));
        String cookie = cookieOf(upstream, 2);
        Endpoint pinned = claimed(cookie);
        upstream.eject(pinned, 1_000_000_000);
        assertThat(upstream.claimPinned(0, cookie, false)).isNull();
        assertThat(upstream.isPinned(cookie)).isTrue();
    }

    @Test
    void refusesWhatItHasNotMade() {
        upstream.admit(Set.of(worker(1, "0")));
        Upstream other = sticky("other", KEY);
        other.admit(Set.of(worker(1, "0")));
        Upstream otherKey = sticky("app", new StickyKey(new byte[32]));
        otherKey.admit(Set.of(worker(1, "0")));
        String right = cookieOf(upstream, 1);
        for (String wrong : List.of(
                "",
                "0",
                right + "A",
                right.substring(1),
                right.toUpperCase(java.util.Locale.ROOT) + "",
                cookieOf(other, 1),
                cookieOf(otherKey, 1))) {
            assertThat(upstream.isPinned(wrong)).as(wrong).isFalse();
        }
        assertThatThrownBy(() -> new StickyKey(new byte[15])).hasMessage("a key of 15 bytes (expected: >= 16)");
    }

    @Test
    void aWeightOfZeroGetsOnlyItsSessions() {
        upstream.admit(Set.of(worker(1, "0"), new EndpointSpec(2, new Origin.At(new Address.Unix("/x")), 0, "1")));
        for (int i = 0; i < 50; i++) {
            assertThat(Objects.requireNonNull(upstream.claim(0, null)).spec().id())
                    .isEqualTo(1);
        }
        assertThat(claimed(cookieOf(upstream, 2)).spec().id()).isEqualTo(2);
        upstream.eject(Objects.requireNonNull(upstream.claim(0, null)), 1_000_000_000);
        assertThat(upstream.size()).as("the last one with a weight stays").isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a=1; b=2; c=3 | b | 2",
                "b=2 | b | 2",
                "a=b=2; b=3 | b | 3",
                "bb=1; b=\"x y\" | b | x y",
                "B=1; b=2 | b | 2",
                "b= ; a=1 | b | ''",
                "b=1; b=2 | b | 1",
                "a=1;b=2 | b | 2",
                "a=1; bb=2; ab=3 | b | -",
                "b | b | -",
                "a=x,b=1; b=2 | b | 2",
                "'' | b | -",
            })
    void findsCookies(String line, String name, String value) {
        long at = Cookies.find(line, name);
        if (value.equals("-")) {
            assertThat(at).isEqualTo(-1);
        } else {
            assertThat(line.substring(Cookies.start(at), Cookies.end(at))).isEqualTo(value);
        }
    }

    private record Request(byte[] client, String path, Map<String, String> headers) implements KeyView {
        @Override
        public @Nullable CharSequence header(String lowerCaseName) {
            return headers.get(lowerCaseName);
        }
    }

    private static long ip(String address) {
        byte[] bytes = java.net.InetAddress.ofLiteral(address).getAddress();
        return KeyRule.key(new ClientKey.Ip(), new Request(bytes, "/", Map.of()));
    }

    @Test
    void anIpv6ClientIsItsNetwork() {
        assertThat(ip("2001:db8:1:2::3")).isEqualTo(ip("2001:db8:1:2:ffff::9")).isNotEqualTo(ip("2001:db8:1:3::3"));
        assertThat(ip("10.0.0.1")).isNotEqualTo(ip("10.0.0.2"));
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 0, 0, 1};
        assertThat(KeyRule.key(new ClientKey.Ip(), new Request(mapped, "/", Map.of())))
                .isEqualTo(ip("10.0.0.1"));
    }

    @Test
    void keysGoByFieldCookieAndPath() {
        Request one = new Request(new byte[0], "/a", Map.of("x-user", "ann", "cookie", "s=1; t=2"));
        Request two = new Request(new byte[0], "/a", Map.of("x-user", "bob", "cookie", "t=2; s=1"));
        assertThat(key("path", one)).isEqualTo(key("path", two));
        assertThat(key("cookie:s", one)).isEqualTo(key("cookie:s", two));
        assertThat(key("header:X-User", one))
                .isEqualTo(key("header:x-user", one))
                .isNotEqualTo(key("header:x-user", two));
        assertThat(key("header:none", one)).as("spread by chance").isNotEqualTo(key("header:none", one));
    }

    private static long key(String rule, KeyView request) {
        return KeyRule.key(ClientKey.parse(rule), request);
    }
}
