package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Upstream connections that are used again, and those that turn out dead just then.
@Timeout(180)
final class PooledConnectionIT {
    private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";

    private static void answer(java.io.OutputStream out, String fields) throws IOException {
        out.write(("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + fields + "\r\nok").getBytes(StandardCharsets.US_ASCII));
    }

    /// Answers the first request of each connection and ends it when the second one is there, unread
    /// or read but unanswered.
    private static ScriptedOrigin dyingOnTheSecond(AtomicInteger requests, AtomicInteger posts) throws IOException {
        return new ScriptedOrigin((in, out) -> {
            String first = ScriptedOrigin.readHead(in);
            if (first.isEmpty()) {
                return;
            }
            requests.incrementAndGet();
            if (first.startsWith("POST")) {
                posts.incrementAndGet();
                in.readNBytes(2);
            }
            answer(out, "");
            String second = ScriptedOrigin.readHead(in);
            if (second.startsWith("POST")) {
                posts.incrementAndGet();
            }
        });
    }

    @Test
    void retriesAGetWhosePooledConnectionDies() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        try (ScriptedOrigin origin = dyingOnTheSecond(requests, new AtomicInteger());
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            for (int i = 0; i < 10; i++) {
                client.say(Edge.GET);
                assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("ok");
            }
            assertThat(edge.count(Count.RETRIES)).isPositive();
            assertThat(requests).hasValue(10);
        }
    }

    @Test
    void sendsAPostWhoseConnectionDiesNeverAgain() throws Exception {
        AtomicInteger posts = new AtomicInteger();
        try (ScriptedOrigin origin = dyingOnTheSecond(new AtomicInteger(), posts);
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            int sent = 20;
            for (int i = 0; i < sent; i++) {
                client.say(POST);
                assertThat(client.response()).matches("(?s)HTTP/1.1 (200|502) .*");
            }
            assertThat(posts).hasValue(sent);
        }
    }

    @Test
    void r1SendsAPostOnAFreshConnectionAfterAPause() throws Exception {
        AtomicInteger posts = new AtomicInteger();
        try (ScriptedOrigin origin = dyingOnTheSecond(new AtomicInteger(), posts);
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            // The clock of the loop is coarse: one tick beyond the limit.
            java.util.concurrent.locks.LockSupport.parkNanos(1_100_000_000);
            client.say(POST);
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            assertThat(posts).hasValue(1);
        }
    }

    @Test
    void findsAnotherConnectionWhenIdleOnesWereClosed() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    if (!ScriptedOrigin.readHead(in).isEmpty()) {
                        in.skip(in.available());
                        answer(out, "");
                    }
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            // The answer says keep-alive, but the connection ends just behind it.
            for (int i = 0; i < 200; i++) {
                client.say(Edge.GET);
                assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("ok");
            }
        }
    }

    @Test
    void leavesAConnectionAloneThatTheOriginSoonCloses() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    while (!ScriptedOrigin.readHead(in).isEmpty()) {
                        answer(out, "Keep-Alive: timeout=1\r\n");
                    }
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            for (int i = 0; i < 4; i++) {
                client.say(Edge.GET);
                assertThat(client.response()).endsWith("ok").doesNotContain("Keep-Alive");
            }
            assertThat(origin.accepted.get()).isGreaterThanOrEqualTo(4);
        }
    }

    @Test
    void r1ClosesAnIdleConnectionASecondBeforeTheOriginDoes() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    while (!ScriptedOrigin.readHead(in).isEmpty()) {
                        answer(out, "Keep-Alive: timeout=2, max=9\r\n");
                    }
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            long idleSince = 0;
            for (int i = 0; i < 4; i++) {
                // Before it is idle: whatever holds this test up later makes it seem longer, not shorter.
                idleSince = System.nanoTime();
                client.say(Edge.GET);
                assertThat(client.response()).endsWith("ok");
            }
            int connections = origin.accepted.get();
            assertThat(connections).isLessThan(4);
            Edge.await(() -> origin.openConnections() == 0);
            assertThat(System.nanoTime() - idleSince)
                    .isBetween(500_000_000L, ProxyOptions.UPSTREAM_IDLE.toNanos() - 500_000_000L);
        }
    }

    @Test
    void triesAnotherEndpointWhenTheFirstDies() throws Exception {
        try (ScriptedOrigin dead = new ScriptedOrigin((in, out) -> ScriptedOrigin.readHead(in));
                ScriptedOrigin alive = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(dead.endpoint(1), alive.endpoint(2))) {
            for (int i = 0; i < 10; i++) {
                assertThat(edge.ask(Edge.GET)).startsWith("HTTP/1.1 200 ");
            }
            assertThat(edge.count(Count.BAD_GATEWAYS)).isZero();
        }
    }
}
