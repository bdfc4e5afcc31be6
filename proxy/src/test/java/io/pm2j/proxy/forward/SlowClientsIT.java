package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
    private static final long NOISE_NANOS = 1_000_000_000;

    @Test
    void servesHonestClientsWhileAThousandNeverFinishTheirHead() throws Exception {
        ProxyOptions hasty = ProxyOptions.defaults()
                .withClientTimeouts(Duration.ofSeconds(20), Duration.ofSeconds(2), Duration.ofSeconds(5));
        List<Slow> slow = new ArrayList<>();
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(hasty, origin.endpoint(1));
                Edge.Client honest = edge.connect()) {
            honest.say(Edge.GET);
            assertThat(honest.response()).startsWith("HTTP/1.1 200 ");
            int port = honest.socket.getPort();
            for (int i = 0; i < SLOW; i++) {
                slow.add(new Slow(port));
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
            assertThat(longestNanos).isLessThan(10_000_000_000L);
            for (Slow one : slow) {
                assertThat(one.all()).startsWith("HTTP/1.1 408 ");
            }
            Edge.await(() -> edge.proxy.counters().openConnections() == 1);
        } finally {
            for (Slow one : slow) {
                one.channel.close();
            }
        }
    }

    /// Asked at the same pace before and while a thousand trickle their heads.
    @Test
    void honestClientsHardlyWaitLongerForAThousandSlowOnes() throws Exception {
        List<Slow> slow = new ArrayList<>();
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(ProxyOptions.defaults(), origin.endpoint(1));
                Edge.Client honest = edge.connect()) {
            long unused = p99(honest, slow);
            assertThat(unused).isPositive();
            long before = p99(honest, slow);
            for (int i = 0; i < SLOW; i++) {
                slow.add(new Slow(honest.socket.getPort()));
            }
            Edge.await(() -> edge.proxy.counters().openConnections() == SLOW + 1);

            long during = p99(honest, slow);

            assertThat(edge.proxy.counters().openConnections()).isEqualTo(SLOW + 1);
            assertThat(during).isLessThanOrEqualTo(Math.max(2 * before, before + NOISE_NANOS));
        } finally {
            for (Slow one : slow) {
                one.channel.close();
            }
        }
    }

    private static long p99(Edge.Client honest, List<Slow> slow) throws Exception {
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
    private static void trickle(List<Slow> slow, int round) throws IOException {
        for (int i = round % 10; i < slow.size(); i += 10) {
            slow.get(i).sayMore();
        }
    }

    /// A client that never ends its head, until it is answered: what it said after that could overtake the answer as a
    /// reset.
    private static final class Slow {
        final SocketChannel channel;
        private final ByteBuffer came = ByteBuffer.allocate(4096);

        Slow(int port) throws IOException {
            channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
            channel.configureBlocking(false);
            channel.write(ascii("GET / HTTP/1.1\r\nHost: a\r\n"));
        }

        void sayMore() throws IOException {
            int more = channel.read(came);
            if (more < 0 || came.position() > 0) {
                return;
            }
            try {
                channel.write(ascii("x"));
            } catch (IOException closed) {
                // It has its answer just now.
            }
        }

        String all() throws IOException {
            channel.configureBlocking(true);
            while (channel.read(came) >= 0) {
                assertThat(came.hasRemaining()).isTrue();
            }
            return new String(came.array(), 0, came.position(), StandardCharsets.US_ASCII);
        }
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
