package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.proxy.http.Violation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Upgrades, those that are made and those that are not.
@Timeout(180)
final class WebSocketIT {
    private static final String ASK = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    private static final String SWITCHED =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static ScriptedOrigin answering(CompletableFuture<String> heard, String response) throws IOException {
        return new ScriptedOrigin((in, out) -> {
            String head = ScriptedOrigin.readHead(in);
            if (!head.isEmpty()) {
                heard.complete(head);
                out.write(bytes(response));
                in.transferTo(out);
            }
        });
    }

    @Test
    void leavesTheVersionToTheApplication() throws Exception {
        CompletableFuture<String> heard = new CompletableFuture<>();
        String response = "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n";
        try (ScriptedOrigin origin = answering(heard, response);
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(ASK.replace("Version: 13", "Version: 7"));
            assertThat(client.response()).isEqualTo(response);
            assertThat(heard.get(60, TimeUnit.SECONDS)).contains("Sec-WebSocket-Version: 7\r\n");
            // No tunnel: the connection speaks HTTP as before.
            client.say("GET / HTTP/3.0\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 505 ");
            assertThat(edge.count(Count.TUNNELS)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT"})
    void takesTheUpgradeOutOfAnythingButAGet(String method) throws Exception {
        CompletableFuture<String> heard = new CompletableFuture<>();
        try (ScriptedOrigin origin = answering(heard, SWITCHED);
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            assertThat(edge.ask(ASK.replace("GET", method))).startsWith("HTTP/1.1 502 ");
            assertThat(heard.get(60, TimeUnit.SECONDS)).doesNotContainIgnoringCase("upgrade");
            assertThat(edge.proxy.counters().refused(Violation.UNASKED_SWITCH)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Upgrade: h2c\r\nConnection: Upgrade\r\n",
                "Upgrade: websocket, other\r\nConnection: Upgrade\r\n",
                "Upgrade: websocket\r\n",
                "Connection: Upgrade\r\n"
            })
    void refusesASwitchToAnythingButWhatWasAsked(String fields) throws Exception {
        try (ScriptedOrigin origin = answering(
                        new CompletableFuture<>(), "HTTP/1.1 101 Switching Protocols\r\n" + fields + "\r\nsecret");
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            assertThat(edge.ask(ASK)).startsWith("HTTP/1.1 502 ").doesNotContain("secret");
            assertThat(edge.count(Count.TUNNELS)).isZero();
        }
    }

    @Test
    void letsTheOriginSpeakOnAfterTheClientHasEnded() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    out.write(bytes(SWITCHED));
                    String all = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
                    out.write(bytes("got " + all));
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(ASK);
            assertThat(client.head()).startsWith("HTTP/1.1 101 ");
            client.say("last words");
            client.socket.shutdownOutput();
            assertThat(client.rest()).isEqualTo("got last words");
            Edge.await(
                    () -> origin.openConnections() == 0 && edge.proxy.counters().openConnections() == 0);
        }
    }

    @Test
    void letsTheClientSpeakOnAfterTheOriginHasEnded() throws Exception {
        CompletableFuture<String> heard = new CompletableFuture<>();
        try (java.net.ServerSocket server =
                        new java.net.ServerSocket(0, 10, java.net.InetAddress.getLoopbackAddress());
                Edge edge = Edge.relaying(ScriptedOrigin.at(1, server.getLocalPort()));
                Edge.Client client = edge.connect()) {
            Thread.ofVirtual().start(() -> {
                try (java.net.Socket socket = server.accept()) {
                    ScriptedOrigin.readHead(socket.getInputStream());
                    socket.getOutputStream().write(bytes(SWITCHED + "bye"));
                    socket.shutdownOutput();
                    heard.complete(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
                } catch (IOException e) {
                    heard.completeExceptionally(e);
                }
            });
            client.say(ASK);
            assertThat(client.head()).startsWith("HTTP/1.1 101 ");
            assertThat(client.rest()).isEqualTo("bye");
            client.say("still here");
            client.socket.shutdownOutput();
            assertThat(heard.get(60, TimeUnit.SECONDS)).isEqualTo("still here");
            Edge.await(() -> edge.proxy.counters().openConnections() == 0);
        }
    }

    @Test
    void countsATunnelAsInFlightUntilItEnds() throws Exception {
        try (ScriptedOrigin origin = answering(new CompletableFuture<>(), SWITCHED);
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            try (Edge.Client client = edge.connect()) {
                client.say(ASK);
                client.head();
                edge.app.admit(java.util.Set.of());
                assertThat(edge.app.awaitIdle(1, java.time.Duration.ofMillis(50)))
                        .isInstanceOf(io.pm2j.proxy.upstream.Drained.TimedOut.class);
                client.say("ping");
                assertThat(client.read(4)).isEqualTo("ping");
            }
            assertThat(edge.app.awaitIdle(1, java.time.Duration.ofSeconds(60)))
                    .isInstanceOf(io.pm2j.proxy.upstream.Drained.Idle.class);
        }
    }
}
