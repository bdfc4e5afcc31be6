package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/// A thousand clients that never finish a head, and an honest one beside them.
@Isolated
@Timeout(180)
final class SlowClientsIT {
    private static final int SLOW = 1_000;
    private static final int HONEST = 600;
    /// What a busy machine adds by itself.
    private static final long NOISE_NANOS = 150_000_000;

    @Test
    void servesHonestClientsWhileAThousandNeverFinishTheirHead() throws Exception {
        ProxyOptions hasty = ProxyOptions.defaults()
                .withClientTimeouts(Duration.ofSeconds(20), Duration.ofSeconds(2), Duration.ofSeconds(5));
        List<SocketChannel> slow = new ArrayList<>();
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(hasty, origin.endpoint(1));
                Edge.Client honest = edge.connect()) {
            honest.say(Edge.GET);
            assertThat(honest.response()).startsWith("HTTP/1.1 200 ");
            int port = honest.socket.getPort();
            for (int i = 0; i < SLOW; i++) {
                SocketChannel one = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
                one.configureBlocking(false);
                slow.add(one);
                one.write(ascii("GET / HTTP/1.1\r\nHost: a\r\n"));
            }
            int asked = 0;
            long longestNanos = 0;
            for (int round = 0; edge.count(Count.HEAD_TIMEOUTS) < SLOW; round++) {
                trickle(slow, round);
                long from = System.nanoTime();
                honest.say(Edge.GET);
                assertThat(honest.response()).startsWith("HTTP/1.1 200 ");
                longestNanos = Math.max(longestNanos, System.nanoTime() - from);
                asked++;
                // A new connection is served as well, if not for every round of the slow ones.
                if (round % 8 == 0) {
                    assertThat(edge.ask(Edge.GET)).startsWith("HTTP/1.1 200 ");
                }
            }
            assertThat(asked).isPositive();
            assertThat(longestNanos).isLessThan(2_000_000_000L);
            for (SocketChannel one : slow) {
                assertThat(allOf(one)).startsWith("HTTP/1.1 408 ");
            }
            Edge.await(() -> edge.proxy.counters().openConnections() == 1);
        } finally {
            for (SocketChannel one : slow) {
                one.close();
            }
        }
    }

    /// Asked at the same pace before and while a thousand trickle their heads.
    @Test
    void honestClientsHardlyWaitLongerForAThousandSlowOnes() throws Exception {
        List<SocketChannel> slow = new ArrayList<>();
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(ProxyOptions.defaults(), origin.endpoint(1));
                Edge.Client honest = edge.connect()) {
            long unused = p99(honest, slow);
            assertThat(unused).isPositive();
            long before = p99(honest, slow);
            for (int i = 0; i < SLOW; i++) {
                SocketChannel one = SocketChannel.open(new InetSocketAddress("127.0.0.1", honest.socket.getPort()));
                one.configureBlocking(false);
                slow.add(one);
                one.write(ascii("GET / HTTP/1.1\r\nHost: a\r\n"));
            }
            Edge.await(() -> edge.proxy.counters().openConnections() == SLOW + 1);

            long during = p99(honest, slow);

            assertThat(edge.proxy.counters().openConnections()).isEqualTo(SLOW + 1);
            assertThat(during).isLessThanOrEqualTo(Math.max(2 * before, before + NOISE_NANOS));
        } finally {
            for (SocketChannel one : slow) {
                one.close();
            }
        }
    }

    private static long p99(Edge.Client honest, List<SocketChannel> slow) throws Exception {
        long[] nanos = new long[HONEST];
        for (int i = 0; i < HONEST; i++) {
            if (i % 10 == 0) {
                trickle(slow, i / 10);
            }
            long from = System.nanoTime();
            honest.say(Edge.GET);
            assertThat(honest.response()).startsWith("HTTP/1.1 200 ");
            nanos[i] = System.nanoTime() - from;
        }
        Arrays.sort(nanos);
        return nanos[HONEST * 99 / 100];
    }

    /// A byte more on a part of the connections.
    private static void trickle(List<SocketChannel> slow, int round) {
        for (int i = round % 10; i < slow.size(); i += 10) {
            try {
                slow.get(i).write(ascii("x"));
            } catch (java.io.IOException closed) {
                // This one has had its answer.
            }
        }
    }

    private static String allOf(SocketChannel one) throws java.io.IOException {
        one.configureBlocking(true);
        ByteBuffer all = ByteBuffer.allocate(4096);
        while (one.read(all) >= 0) {
            assertThat(all.hasRemaining()).isTrue();
        }
        return new String(all.array(), 0, all.position(), StandardCharsets.US_ASCII);
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
