package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.Address;
import io.pm2j.proxy.Listener;
import io.pm2j.proxy.upstream.EndpointSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A tcp listener: bytes both ways, nothing read into them.
@Timeout(180)
final class BytesIT {
    private static final ProxyOptions PATIENT = ProxyOptions.defaults().withHold(Duration.ofSeconds(60), 10);

    private static Edge.Client connect(Edge edge) throws Exception {
        return connect(edge.proxy.listen(new Address.Tcp("127.0.0.1", 0), new Target.Bytes(edge.app)));
    }

    private static Edge.Client connect(Listener listener) throws IOException {
        Socket socket = new Socket("127.0.0.1", ((Address.Tcp) listener.address()).port());
        socket.setSoTimeout(60_000);
        socket.setTcpNoDelay(true);
        return new Edge.Client(socket);
    }

    private static ScriptedOrigin copying() throws IOException {
        return new ScriptedOrigin(InputStream::transferTo);
    }

    @Test
    void whatLooksLikeHttpPassesUntouched() throws Exception {
        String malformed = "GET / HTTP/1.1\r\nHost : a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n\0\1\2";
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    out.write(in.readNBytes(malformed.length()));
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = connect(edge)) {
            client.say(malformed);

            assertThat(client.rest()).isEqualTo(malformed);
            assertThat(edge.count(Count.TUNNELS)).isEqualTo(1);
            assertThat(edge.count(Count.REQUESTS)).isZero();
        }
    }

    @Test
    void theClientsEndLeavesTheOtherDirectionOpen() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    byte[] all = in.readAllBytes();
                    out.write(("got " + all.length).getBytes(StandardCharsets.US_ASCII));
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = connect(edge)) {
            client.say("12345");
            client.socket.shutdownOutput();

            assertThat(client.rest()).isEqualTo("got 5");
        }
    }

    @Test
    void theServersEndLeavesTheOtherDirectionOpen() throws Exception {
        AtomicLong got = new AtomicLong(-1);
        try (java.net.ServerSocket server =
                        new java.net.ServerSocket(0, 10, java.net.InetAddress.getLoopbackAddress());
                Edge edge = Edge.relaying(ScriptedOrigin.at(1, server.getLocalPort()))) {
            Thread thread = Thread.ofVirtual().start(() -> {
                try (Socket socket = server.accept()) {
                    socket.getOutputStream().write("bye".getBytes(StandardCharsets.US_ASCII));
                    socket.shutdownOutput();
                    got.set(socket.getInputStream().readAllBytes().length);
                } catch (IOException e) {
                    got.set(-2);
                }
            });
            try (Edge.Client client = connect(edge)) {
                assertThat(client.rest()).isEqualTo("bye");
                client.say("x".repeat(100_000));
                client.socket.shutdownOutput();
                thread.join();

                assertThat(got).hasValue(100_000);
            }
        }
    }

    @Test
    void anEndThatComesBeforeTheServerIsThereIsKept() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> out.write(in.readAllBytes()));
                Edge edge = Edge.relaying(PATIENT);
                Edge.Client client = connect(edge)) {
            client.say("early");
            client.socket.shutdownOutput();
            Edge.await(() -> edge.count(Count.HELD) == 1);
            edge.app.admit(Set.of(origin.endpoint(1)));

            assertThat(client.rest()).isEqualTo("early");
        }
    }

    @Test
    void aServerThatSpeaksFirstIsHeardAtOnce() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    out.write("220 ready\r\n".getBytes(StandardCharsets.US_ASCII));
                    in.transferTo(out);
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = connect(edge)) {
            assertThat(client.read(11)).isEqualTo("220 ready\r\n");
            client.say("QUIT");
            assertThat(client.read(4)).isEqualTo("QUIT");
        }
    }

    @Test
    void anEndpointThatRefusesIsNotTheEnd() throws Exception {
        EndpointSpec gone;
        try (ScriptedOrigin closed = copying()) {
            gone = closed.endpoint(1);
        }
        try (ScriptedOrigin origin = copying();
                Edge edge = Edge.relaying(gone, origin.endpoint(2))) {
            Listener listener = edge.proxy.listen(new Address.Tcp("127.0.0.1", 0), new Target.Bytes(edge.app));
            for (int i = 0; i < 6; i++) {
                try (Edge.Client client = connect(listener)) {
                    client.say("ping");
                    assertThat(client.read(4)).isEqualTo("ping");
                }
            }
            assertThat(edge.count(Count.RETRIES)).isPositive();
        }
    }

    @Test
    void nobodyToTalkToEndsTheConnection() throws Exception {
        try (Edge edge = Edge.relaying();
                Edge.Client client = connect(edge)) {
            assertThat(client.rest()).isEmpty();
            assertThat(edge.count(Count.HOLD_TIMEOUTS)).isEqualTo(1);
        }
    }

    @Test
    void aQuietTunnelEndsAfterItsTime() throws Exception {
        ProxyOptions quick = ProxyOptions.defaults().withTunnelIdle(Duration.ofSeconds(2));
        try (ScriptedOrigin origin = copying();
                Edge edge = Edge.relaying(quick, origin.endpoint(1));
                Edge.Client client = connect(edge)) {
            client.say("x");

            assertThat(client.rest()).isEqualTo("x");
            assertThat(edge.count(Count.TUNNEL_TIMEOUTS)).isEqualTo(1);
        }
    }

    /// What the client sent before there is somebody to take it waits in the sockets, not in the
    /// daemon.
    @Test
    void aClientIsNotReadBeforeTheServerIsThere() throws Exception {
        try (ScriptedOrigin origin = copying();
                Edge edge = Edge.relaying(PATIENT);
                Edge.Client client = connect(edge)) {
            AtomicLong written = new AtomicLong();
            Thread writer = Thread.ofVirtual().start(() -> write(client, written, 64L << 20));
            AtomicLong last = new AtomicLong(-1);
            // It stops by itself, when the sockets' buffers are full.
            Edge.await(() -> {
                java.util.concurrent.locks.LockSupport.parkNanos(200_000_000);
                return written.get() > 0 && written.get() == last.getAndSet(written.get());
            });
            assertThat(written.get()).isLessThan(64L << 20);
            assertThat(edge.count(Count.BYTES_FROM_CLIENTS)).isLessThan(1 << 20);

            edge.app.admit(Set.of(origin.endpoint(1)));
            assertThat(client.in.readNBytes(1 << 20)).hasSize(1 << 20);
            client.socket.close();
            writer.join();
        }
    }

    private static void write(Edge.Client client, AtomicLong written, long all) {
        byte[] block = new byte[64 * 1024];
        try {
            OutputStream out = client.socket.getOutputStream();
            while (written.get() < all) {
                out.write(block);
                written.addAndGet(block.length);
            }
        } catch (IOException closed) {
            // The test has seen enough.
        }
    }

    @Test
    void aSlowReaderHoldsBackItsServer() throws Exception {
        AtomicLong sent = new AtomicLong();
        CountDownLatch gone = new CountDownLatch(1);
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    byte[] block = new byte[64 * 1024];
                    try {
                        while (sent.get() < 256L << 20) {
                            out.write(block);
                            sent.addAndGet(block.length);
                        }
                    } finally {
                        gone.countDown();
                    }
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = connect(edge)) {
            AtomicLong last = new AtomicLong(-1);
            Edge.await(() -> {
                java.util.concurrent.locks.LockSupport.parkNanos(200_000_000);
                return sent.get() > 0 && sent.get() == last.getAndSet(sent.get());
            });

            // Two pairs of socket buffers and the watermark; what passes through is not gathered here.
            assertThat(sent.get()).isLessThan(32L << 20);
            long through = edge.count(Count.BYTES_TO_CLIENTS);
            assertThat(client.in.readNBytes(16 << 20)).hasSize(16 << 20);
            Edge.await(() -> edge.count(Count.BYTES_TO_CLIENTS) > through);
            client.socket.close();
            assertThat(gone.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void manyBytesPassBothWaysUnchanged() throws Exception {
        long all = 200L << 20;
        try (ScriptedOrigin origin = copying();
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = connect(edge)) {
            CRC32C sum = new CRC32C();
            Thread writer = Thread.ofVirtual().start(() -> {
                byte[] block = new byte[256 * 1024];
                java.util.Random random = new java.util.Random(7);
                try {
                    for (long n = 0; n < all; n += block.length) {
                        random.nextBytes(block);
                        sum.update(block);
                        client.socket.getOutputStream().write(block);
                    }
                    client.socket.shutdownOutput();
                } catch (IOException e) {
                    sum.reset();
                }
            });
            CRC32C back = new CRC32C();
            long got = 0;
            byte[] block = new byte[256 * 1024];
            for (int n = client.in.read(block); n >= 0; n = client.in.read(block)) {
                back.update(block, 0, n);
                got += n;
            }
            writer.join();

            assertThat(got).isEqualTo(all);
            assertThat(back.getValue()).isEqualTo(sum.getValue());
        }
    }
}
