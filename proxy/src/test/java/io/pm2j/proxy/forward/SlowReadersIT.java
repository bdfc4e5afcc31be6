package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.pm2j.config.Address;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/// Two thousand clients that hardly read a large response, and an honest one beside them.
@Isolated
@Timeout(600)
final class SlowReadersIT {
    private static final int SLOW = 2_000;
    private static final long SIZE = 100L << 20;
    private static final int SIP = 64 * 1024;
    /// What the process has in direct memory beyond what it had before.
    private static final long MOST = 40L << 20;

    private static long direct() {
        return PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory()
                + UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
    }

    @Test
    void holdLittleMemory() throws Exception {
        // Nobody is given up while the others come.
        Duration ages = Duration.ofMinutes(10);
        ProxyOptions patient = ProxyOptions.defaults()
                .withClientWrite(ages)
                .withClientTimeouts(ages, ages, ages)
                .withUpstreamTimeouts(ProxyOptions.UPSTREAM_IDLE, ages, ages);
        byte[] piece = new byte[256 * 1024];
        List<SocketChannel> slow = new ArrayList<>();
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    String head = ScriptedOrigin.readHead(in);
                    if (head.startsWith("GET /big")) {
                        out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + SIZE + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                        for (long left = SIZE; left > 0; left -= piece.length) {
                            out.write(piece);
                        }
                    } else {
                        out.write(ScriptedOrigin.response("200 OK", new byte[] {'k'}));
                    }
                });
                Edge edge = Edge.relaying(patient, origin.endpoint(1))) {
            assertThat(edge.ask(Edge.GET)).startsWith("HTTP/1.1 200 ");
            long before = direct();
            long most = 0;
            int port = ((Address.Tcp) edge.listener.address()).port();
            for (int i = 0; i < SLOW; i++) {
                SocketChannel one = SocketChannel.open();
                slow.add(one);
                one.setOption(StandardSocketOptions.SO_RCVBUF, 16 * 1024);
                one.connect(new InetSocketAddress("127.0.0.1", port));
                one.write(ByteBuffer.wrap("GET /big HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
                most = Math.max(most, direct() - before);
            }
            ByteBuffer sip = ByteBuffer.allocate(SIP);
            for (int round = 0; round < 3; round++) {
                for (SocketChannel one : slow) {
                    sip.clear();
                    assertThat(one.read(sip)).isPositive();
                }
                most = Math.max(most, direct() - before);
                long from = System.nanoTime();
                assertThat(edge.ask(Edge.GET)).startsWith("HTTP/1.1 200 ");
                assertThat(System.nanoTime() - from).isLessThan(30_000_000_000L);
            }
            assertThat(most).isLessThan(MOST);
            for (SocketChannel one : slow) {
                one.close();
            }
            Edge.await(() -> edge.proxy.counters().openConnections() == 0);
        } finally {
            for (SocketChannel one : slow) {
                one.close();
            }
        }
    }
}
