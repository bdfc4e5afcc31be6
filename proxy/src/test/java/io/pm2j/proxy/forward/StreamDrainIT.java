package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.proxy.upstream.Drained;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Race R10: what goes on until somebody ends it, on a worker that is to go.
@Timeout(180)
final class StreamDrainIT {
    private static final String ASK =
            "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    private static final String SWITCHED =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    private static final String EVENTS =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final Duration LONG = Duration.ofSeconds(60);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void aWebSocketDoesNotKeepItsWorkerFromBeingAnswered() throws Exception {
        CompletableFuture<String> atWorker = new CompletableFuture<>();
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    out.write(bytes(SWITCHED));
                    atWorker.complete(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(ASK);
            client.head();
            edge.app.admit(Set.of());

            assertThat(edge.app.awaitAnswered(1, LONG)).isInstanceOf(Drained.Idle.class);
            assertThat(edge.app.streams(1)).isEqualTo(1);

            edge.app.endStreams(1, Duration.ZERO);

            // 1001, going away, to both; the client's has a mask of zeroes.
            assertThat(client.read(4)).isEqualTo("\u0088\u0002\u0003\u00e9");
            client.say("\u0088\u0082\0\0\0\0\u0003\u00e9");
            assertThat(client.rest()).isEmpty();
            assertThat(atWorker.get(60, TimeUnit.SECONDS)).isEqualTo("\u0088\u0082\0\0\0\0\u0003\u00e9");
            assertThat(edge.app.awaitIdle(1, LONG)).isInstanceOf(Drained.Idle.class);
            assertThat(edge.app.streams(1)).isZero();
        }
    }

    @Test
    void aFrameUnderWayIsWaitedForBeforeTheClose() throws Exception {
        CountDownLatch goesOn = new CountDownLatch(1);
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    out.write(bytes(SWITCHED + "\u0081\u0005he"));
                    out.flush();
                    try {
                        goesOn.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    out.write(bytes("llo"));
                    out.flush();
                    in.readAllBytes();
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(ASK);
            client.head();
            assertThat(client.read(4)).isEqualTo("\u0081\u0005he");

            edge.app.endStreams(1, Duration.ZERO);
            goesOn.countDown();

            assertThat(client.rest()).isEqualTo("llo\u0088\u0002\u0003\u00e9");
        }
    }

    @Test
    void anEventStreamIsAStreamAndEndsWithoutAnEnd() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    out.write(bytes(EVENTS + "9\r\ndata: 1\n\n\r\n"));
                    out.flush();
                    in.readAllBytes();
                    over.countDown();
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            assertThat(client.head()).contains("text/event-stream");
            assertThat(client.read(14)).isEqualTo("9\r\ndata: 1\n\n\r\n");
            edge.app.admit(Set.of());

            assertThat(edge.app.awaitAnswered(1, LONG)).isInstanceOf(Drained.Idle.class);
            edge.app.endStreams(1, Duration.ZERO);

            assertThat(client.rest()).doesNotContain("0\r\n\r\n");
            assertThat(over.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(edge.app.awaitIdle(1, LONG)).isInstanceOf(Drained.Idle.class);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anEventUnderWayIsWaitedForBeforeTheEnd(boolean inChunks) throws Exception {
        CountDownLatch goesOn = new CountDownLatch(1);
        String head = inChunks ? EVENTS : EVENTS.replace("Transfer-Encoding: chunked\r\n", "Connection: close\r\n");
        String half = inChunks ? "f\r\ndata: 1\n\ndata: \r\n" : "data: 1\n\ndata: ";
        String rest = inChunks ? "3\r\n2\n\n\r\n" : "2\n\n";
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    out.write(bytes(head + half));
                    out.flush();
                    try {
                        goesOn.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    out.write(bytes(rest));
                    out.flush();
                    in.readAllBytes();
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            client.head();
            assertThat(client.read(half.length())).isEqualTo(half);

            edge.app.endStreams(1, Duration.ZERO);
            goesOn.countDown();

            assertThat(client.rest()).isEqualTo(rest);
            assertThat(edge.app.awaitIdle(1, LONG)).isInstanceOf(Drained.Idle.class);
        }
    }

    /// Whoever is at the other end of it, and without anybody who is drained.
    @Test
    void allStreamsOfAnEdgeThatStopsAreEnded() throws Exception {
        try (ScriptedOrigin chat = new ScriptedOrigin((in, out) -> {
                    String head = ScriptedOrigin.readHead(in);
                    out.write(bytes(head.startsWith("GET /chat") ? SWITCHED : EVENTS + "9\r\ndata: 1\n\n\r\n"));
                    out.flush();
                    in.readAllBytes();
                });
                Edge edge = Edge.relaying(chat.endpoint(1));
                Edge.Client client = edge.connect();
                Edge.Client reader = edge.connect()) {
            client.say(ASK);
            client.head();
            reader.say(Edge.GET);
            reader.head();
            assertThat(reader.read(14)).endsWith("data: 1\n\n\r\n");
            CompletableFuture<Integer> left = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                try {
                    left.complete(edge.proxy.endStreams(LONG));
                } catch (InterruptedException e) {
                    left.completeExceptionally(e);
                }
            });

            assertThat(client.rest()).isEqualTo("\u0088\u0002\u0003\u00e9");
            assertThat(reader.rest()).isEmpty();
            assertThat(left.get(60, TimeUnit.SECONDS)).isZero();
        }
    }

    @Test
    void aSlowAnswerIsNoStream() throws Exception {
        CountDownLatch goesOn = new CountDownLatch(1);
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    out.write(
                            bytes("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"));
                    out.flush();
                    try {
                        goesOn.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    out.write(bytes("0\r\n\r\n"));
                    out.flush();
                    in.readAllBytes();
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            client.head();
            edge.app.admit(Set.of());

            assertThat(edge.app.awaitAnswered(1, Duration.ofMillis(50))).isEqualTo(new Drained.TimedOut(1));
            edge.app.endStreams(1, Duration.ZERO);
            goesOn.countDown();

            assertThat(client.read(5)).isEqualTo("0\r\n\r\n");
            assertThat(edge.app.awaitAnswered(1, LONG)).isInstanceOf(Drained.Idle.class);
        }
    }
}
