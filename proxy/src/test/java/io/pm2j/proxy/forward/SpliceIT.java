package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.Address;
import io.pm2j.proxy.upstream.EndpointSpec;
import io.pm2j.proxy.upstream.Origin;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Large bodies that go from socket to socket inside the kernel: every byte, in order, and no byte more.
@Timeout(180)
final class SpliceIT {
    private static final int MB = 1024 * 1024;
    private static final ProxyOptions OPTIONS = ProxyOptions.defaults().withHold(Duration.ofMillis(600), 100);

    /// Bytes that tell their place: no piece can be lost, repeated or moved unseen.
    private static void write(OutputStream out, long bytes) throws IOException {
        byte[] piece = new byte[256 * 1024];
        long at = 0;
        while (at < bytes) {
            int length = (int) Math.min(piece.length, bytes - at);
            fill(piece, length, at);
            out.write(piece, 0, length);
            at += length;
        }
    }

    private static void fill(byte[] piece, int length, long at) {
        for (int i = 0; i < length; i++) {
            long place = at + i;
            piece[i] = (byte) (place ^ place >>> 8 ^ place >>> 16);
        }
    }

    private static long sumOf(long bytes) {
        CRC32C sum = new CRC32C();
        byte[] piece = new byte[256 * 1024];
        for (long at = 0; at < bytes; at += piece.length) {
            int length = (int) Math.min(piece.length, bytes - at);
            fill(piece, length, at);
            sum.update(piece, 0, length);
        }
        return sum.getValue();
    }

    /// Reads `bytes`, resting `pauseMs` after every sixteenth, and tells their sum.
    private static long sumOf(InputStream in, long bytes, long pauseMs) throws IOException {
        CRC32C sum = new CRC32C();
        byte[] buffer = new byte[256 * 1024];
        long next = bytes / 16;
        for (long read = 0; read < bytes; ) {
            int n = in.read(buffer, 0, (int) Math.min(buffer.length, bytes - read));
            if (n < 0) {
                throw new IOException("ended after " + read + " bytes");
            }
            sum.update(buffer, 0, n);
            read += n;
            if (pauseMs > 0 && read >= next) {
                next += bytes / 16;
                LockSupport.parkNanos(pauseMs * 1_000_000);
            }
        }
        return sum.getValue();
    }

    /// Answers each request with `size` bytes; keep-alive.
    private static void serve(InputStream in, OutputStream out, long size) throws IOException {
        while (!ScriptedOrigin.readHead(in).isEmpty()) {
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            write(out, size);
        }
    }

    private static ScriptedOrigin sending(long size) throws IOException {
        return new ScriptedOrigin((in, out) -> serve(in, out, size));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 10})
    void everyByteOfADownloadArrives(long pauseMs) throws Exception {
        long size = 100L * MB + 12_345;
        try (ScriptedOrigin origin = sending(size);
                Edge edge = Edge.relaying(OPTIONS, origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            client.head();
            assertThat(sumOf(client.in, size, pauseMs)).isEqualTo(sumOf(size));
            // The last of them are counted once they have gone.
            Edge.await(() -> edge.count(Count.BYTES_TO_CLIENTS) >= size);
            assertThat(edge.count(Count.BYTES_SPLICED)).isGreaterThan(size / 2);
            assertThat(edge.count(Count.BYTES_TO_CLIENTS)).isLessThanOrEqualTo(size + 1000);
        }
    }

    @Test
    void bodiesFromUnixSocketsAreCopied(@TempDir Path folder) throws Exception {
        long size = 20L * MB + 1;
        Path path = folder.resolve("app.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            Thread.ofVirtual().start(() -> {
                try (SocketChannel accepted = server.accept()) {
                    serve(Channels.newInputStream(accepted), Channels.newOutputStream(accepted), size);
                } catch (IOException e) {
                    // The test is over.
                }
            });
            EndpointSpec endpoint = new EndpointSpec(1, new Origin.At(new Address.Unix(path.toString())));
            try (Edge edge = Edge.relaying(OPTIONS, endpoint);
                    Edge.Client client = edge.connect()) {
                for (int i = 0; i < 2; i++) {
                    client.say(Edge.GET);
                    client.head();
                    assertThat(sumOf(client.in, size, 0)).isEqualTo(sumOf(size));
                }
                assertThat(edge.count(Count.BYTES_SPLICED)).isZero();
                assertThat(edge.count(Count.UPSTREAM_CONNECTIONS)).isEqualTo(1);
            }
        }
    }

    @Test
    void theConnectionsAreUsedAgainAndPipelinedRequestsAreAnsweredInOrder() throws Exception {
        long size = 3L * MB + 77;
        long wanted = sumOf(size);
        try (ScriptedOrigin origin = sending(size);
                Edge edge = Edge.relaying(OPTIONS, origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET.repeat(5));
            for (int i = 0; i < 5; i++) {
                client.head();
                assertThat(sumOf(client.in, size, i)).isEqualTo(wanted);
            }
            Edge.await(() -> edge.count(Count.BYTES_SPLICED) > 0);
            assertThat(origin.accepted).hasValue(1);
        }
    }

    @Test
    void nothingBeyondTheContentLengthIsPassedOn() throws Exception {
        long size = 8L * MB;
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    while (!ScriptedOrigin.readHead(in).isEmpty()) {
                        out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                        write(out, size + 300_000);
                    }
                });
                Edge edge = Edge.relaying(OPTIONS, origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            for (int i = 1; i <= 2; i++) {
                client.say(Edge.GET);
                assertThat(client.head()).startsWith("HTTP/1.1 200 ");
                assertThat(sumOf(client.in, size, 0)).isEqualTo(sumOf(size));
                // What came too much spoils the connection it came on.
                int seen = i;
                Edge.await(() -> origin.accepted.get() == seen);
            }
            assertThat(edge.count(Count.BYTES_SPLICED)).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 15})
    void bodiesUntilTheEndAreWholeAlthoughTheOriginHasGone(long pauseMs) throws Exception {
        long size = 24L * MB + 5;
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    if (!ScriptedOrigin.readHead(in).isEmpty()) {
                        out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                        write(out, size);
                    }
                });
                Edge edge = Edge.relaying(OPTIONS, origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            client.head();
            assertThat(sumOf(client.in, size, pauseMs)).isEqualTo(sumOf(size));
            assertThat(client.in.read()).isNegative();
            assertThat(edge.count(Count.BYTES_SPLICED)).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 10})
    void everyByteOfAnUploadArrives(long pauseMs) throws Exception {
        long size = 40L * MB + 4321;
        CompletableFuture<Long> sum = new CompletableFuture<>();
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    if (!ScriptedOrigin.readHead(in).isEmpty()) {
                        sum.complete(sumOf(in, size, pauseMs));
                        out.write(ScriptedOrigin.response("200 OK", new byte[] {'k'}));
                        ScriptedOrigin.readHead(in);
                        out.write(ScriptedOrigin.response("201 Created", new byte[] {'l'}));
                    }
                });
                Edge edge = Edge.relaying(OPTIONS, origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + size + "\r\n\r\n");
            write(client.socket.getOutputStream(), size);
            client.say(Edge.GET);
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            assertThat(client.response()).startsWith("HTTP/1.1 201 ");
            assertThat(sum.get(1, TimeUnit.SECONDS)).isEqualTo(sumOf(size));
            assertThat(edge.count(Count.BYTES_SPLICED)).isPositive();
            assertThat(edge.count(Count.BYTES_FROM_CLIENTS)).isBetween(size, size + 1000);
        }
    }

    @Test
    void aClientThatGoesIsNoticedAndTheWorkerIsFree() throws Exception {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    try {
                        serve(in, out, 1000L * MB);
                    } finally {
                        ended.complete(null);
                    }
                });
                Edge edge = Edge.relaying(OPTIONS, origin.endpoint(1))) {
            try (Edge.Client client = edge.connect()) {
                client.say(Edge.GET);
                client.head();
                client.in.readNBytes(4 * MB);
                client.socket.setSoLinger(true, 0);
            }
            ended.get(60, TimeUnit.SECONDS);
            Edge.await(() -> edge.count(Count.CLIENT_ABORTS) == 1);
            Edge.await(() -> inFlight(edge) == 0);
        }
    }

    @Test
    void aBodyThatBreaksOffIsSeenToBreakOff() throws Exception {
        long sent = 5L * MB;
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    if (!ScriptedOrigin.readHead(in).isEmpty()) {
                        out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + 2 * sent + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                        write(out, sent);
                    }
                });
                Edge edge = Edge.relaying(OPTIONS, origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            client.head();
            assertThat(sumOf(client.in, sent, 5)).isEqualTo(sumOf(sent));
            assertThat(client.in.read()).isNegative();
            assertThat(edge.count(Count.UPSTREAM_ABORTS)).isEqualTo(1);
        }
    }

    @Test
    void aReaderThatTakesNothingIsGivenUp() throws Exception {
        ProxyOptions hasty = OPTIONS.withClientWrite(Duration.ofSeconds(3));
        try (ScriptedOrigin origin = sending(500L * MB);
                Edge edge = Edge.relaying(hasty, origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            client.head();
            client.in.readNBytes(2 * MB);
            Edge.await(() -> edge.count(Count.WRITE_TIMEOUTS) == 1);
            Edge.await(() -> inFlight(edge) == 0);
        }
    }

    @Test
    void aTunnelKeepsItsBytesAndItsHalves() throws Exception {
        long size = 16L * MB + 3;
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    out.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: raw\r\nConnection: upgrade\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
                    long sum = sumOf(in, size, 2);
                    boolean half = in.read() < 0;
                    write(out, size);
                    out.write((sum + " " + half).getBytes(StandardCharsets.US_ASCII));
                });
                Edge edge = Edge.relaying(OPTIONS, origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: raw\r\n\r\n");
            assertThat(client.head()).contains("101");
            write(client.socket.getOutputStream(), size);
            client.socket.shutdownOutput();
            assertThat(sumOf(client.in, size, 5)).isEqualTo(sumOf(size));
            assertThat(client.rest()).isEqualTo(sumOf(size) + " true");
            assertThat(edge.count(Count.BYTES_SPLICED)).isGreaterThan(size / 2);
        }
    }

    @Test
    void copiesWhereItIsSwitchedOff() throws Exception {
        long size = 4L * MB;
        try (ScriptedOrigin origin = sending(size);
                Edge edge = Edge.relaying(OPTIONS.withSplice(false), origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            client.head();
            assertThat(sumOf(client.in, size, 0)).isEqualTo(sumOf(size));
            assertThat(edge.count(Count.BYTES_SPLICED)).isZero();
        }
    }

    /// Slow readers do not cost pipes without bound, and the pipes go with their connections.
    @Test
    void pipesAreNotLost() throws Exception {
        // Nobody is given up while the others come.
        ProxyOptions patient = OPTIONS.withClientWrite(Duration.ofMinutes(10));
        try (ScriptedOrigin origin = sending(60L * MB);
                Edge edge = Edge.relaying(patient, origin.endpoint(1))) {
            long before = pipes();
            Socket[] clients = new Socket[150];
            for (int i = 0; i < clients.length; i++) {
                Edge.Client client = edge.connect();
                clients[i] = client.socket;
                client.say(Edge.GET);
                client.head();
            }
            Edge.await(() -> inFlight(edge) == clients.length);
            Edge.await(() -> edge.count(Count.BYTES_SPLICED) > 10L * MB);
            assertThat(pipes() - before).isBetween(1L, 256L);
            for (Socket socket : clients) {
                socket.close();
            }
            Edge.await(() -> inFlight(edge) == 0);
            Edge.await(() -> pipesQuietly() - before <= 2 * 4);
        }
    }

    private static int inFlight(Edge edge) {
        return edge.app.endpoints().getFirst().inFlight();
    }

    private static long pipesQuietly() {
        try {
            return pipes();
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }

    private static long pipes() throws IOException {
        long pipes = 0;
        try (var open = java.nio.file.Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path fd : open) {
                try {
                    if (java.nio.file.Files.readSymbolicLink(fd).toString().startsWith("pipe:")) {
                        pipes++;
                    }
                } catch (IOException closedMeanwhile) {
                    // Not open any more.
                }
            }
        }
        return pipes;
    }
}
