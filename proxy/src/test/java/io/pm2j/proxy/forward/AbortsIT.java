package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.config.spec.edge.AccessSpec;
import io.pm2j.config.spec.edge.AccessSpec.ForwardAuth;
import io.pm2j.config.spec.edge.LimitSpec;
import io.pm2j.config.spec.edge.PolicySpec;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.files.SiteOptions;
import io.pm2j.proxy.files.StaticSite;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// One side goes away in the middle: the other learns of it, and what was under way is given back and told of.
@Timeout(180)
final class AbortsIT {
    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
    private final Proxy proxy = Proxy.start(vertx, ProxyOptions.defaults());

    @TempDir
    Path folder;

    @AfterEach
    void stop() throws Exception {
        proxy.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private static PolicySpec policy(AccessSpec access) {
        PolicySpec plain = PolicySpec.DEFAULT;
        return new PolicySpec(
                plain.path(),
                plain.requestHeaders(),
                plain.responseHeaders(),
                plain.timeouts(),
                new LimitSpec(OptionalLong.empty(), OptionalInt.of(10), OptionalInt.of(10), Optional.empty()),
                access,
                Optional.empty(),
                Optional.empty(),
                plain.pages(),
                plain.balance(),
                plain.health(),
                plain.retries());
    }

    private static PolicySpec asking(ScriptedOrigin auth) {
        ForwardAuth forward = ForwardAuth.parse("http://127.0.0.1:" + auth.port() + "/auth");
        return policy(new AccessSpec(List.of(), List.of(), Optional.empty(), Optional.of(forward)));
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(60_000);
        socket.setTcpNoDelay(true);
        return socket;
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void end(Socket socket) throws IOException {
        socket.close();
    }

    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private void nothingIsLeft(RoutedEdge edge) {
        Edge.await(() -> edge.inFlight() == 0
                && edge.admission.inside() == 0
                && proxy.counters().openConnections() == 0);
    }

    @Test
    void passesAResetOfTheServerOn() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                RoutedEdge edge = RoutedEdge.ofBytes(proxy, "reset", policy(AccessSpec.OPEN))) {
            edge.upstream.admit(Set.of(ScriptedOrigin.at(1, server.getLocalPort())));
            try (Socket client = connect(edge.port());
                    Socket origin = server.accept()) {
                say(client, "hello");
                assertThat(origin.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
                say(origin, "part");
                assertThat(client.getInputStream().readNBytes(4)).asString().isEqualTo("part");
                reset(origin);
                assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
            }
            nothingIsLeft(edge);
        }
    }

    @Test
    void passesAResetOfTheClientOn() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                RoutedEdge edge = RoutedEdge.ofBytes(proxy, "reset", policy(AccessSpec.OPEN))) {
            edge.upstream.admit(Set.of(ScriptedOrigin.at(1, server.getLocalPort())));
            try (Socket client = connect(edge.port());
                    Socket origin = server.accept()) {
                say(client, "part");
                origin.setSoTimeout(60_000);
                assertThat(origin.getInputStream().readNBytes(4)).asString().isEqualTo("part");
                reset(client);
                assertThatThrownBy(() -> origin.getInputStream().read()).isInstanceOf(SocketException.class);
            }
            nothingIsLeft(edge);
        }
    }

    /// A server that says why it ends, and does not read what the client goes on to send.
    @Test
    void deliversAServersLastWordsToAClientThatGoesOnSending() throws Exception {
        byte[] last = "that is too much".getBytes(StandardCharsets.US_ASCII);
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                RoutedEdge edge = RoutedEdge.ofBytes(proxy, "last", policy(AccessSpec.OPEN))) {
            edge.upstream.admit(Set.of(ScriptedOrigin.at(1, server.getLocalPort())));
            for (int round = 0; round < 20; round++) {
                try (Socket client = connect(edge.port());
                        Socket origin = server.accept()) {
                    say(client, "hello");
                    origin.getInputStream().readNBytes(5);
                    CountDownLatch busy = new CountDownLatch(1);
                    // The loop finds the client's bytes and the server's end at once.
                    proxyLoop(() -> {
                        try {
                            busy.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    });
                    say(client, "more of it");
                    origin.getOutputStream().write(last);
                    end(origin);
                    busy.countDown();
                    say(client, "still more");
                    assertThat(client.getInputStream().readNBytes(last.length)).isEqualTo(last);
                }
            }
            nothingIsLeft(edge);
        }
    }

    private void proxyLoop(Runnable what) {
        ((io.vertx.core.internal.VertxInternal) vertx)
                .nettyEventLoopGroup()
                .next()
                .execute(what);
    }

    @Test
    void tellsOfAnAbandonedDownloadAndDoesNotBeginTheNext() throws Exception {
        Files.write(folder.resolve("big"), new byte[64 << 20]);
        StaticSite site = StaticSite.open(folder, SiteOptions.defaults());
        try (RoutedEdge edge = RoutedEdge.open(proxy, "files", policy(AccessSpec.OPEN), new Action.Files(site))) {
            Socket client = connect(edge.port());
            say(client, "GET /big HTTP/1.1\r\nHost: a\r\n\r\nGET /big HTTP/1.1\r\nHost: a\r\n\r\n");
            client.getInputStream().readNBytes(1024);
            reset(client);
            nothingIsLeft(edge);
            assertThat(proxy.counters().of(Count.REQUESTS)).isEqualTo(1);
            List<String> lines = edge.linesAtEnd();
            assertThat(lines).hasSize(1);
            assertThat(lines.getFirst()).startsWith("{\"status\":200,\"cause\":\"aborted\"");
        }
    }

    @Test
    void showsNoFileBeforeItIsKnownWhoAsks() throws Exception {
        Files.writeString(folder.resolve("open"), "for all");
        StaticSite site = StaticSite.open(folder, SiteOptions.defaults());
        CountDownLatch second = new CountDownLatch(1);
        CountDownLatch decided = new CountDownLatch(1);
        int[] asked = {0};
        try (ScriptedOrigin auth = new ScriptedOrigin((in, out) -> {
                    while (!ScriptedOrigin.readHead(in).isEmpty()) {
                        synchronized (asked) {
                            asked[0]++;
                        }
                        boolean first = asked[0] == 1;
                        if (!first) {
                            second.countDown();
                            awaitQuietly(decided);
                        }
                        out.write(ScriptedOrigin.response(first ? "200 OK" : "403 Forbidden", new byte[0]));
                    }
                });
                RoutedEdge edge = RoutedEdge.open(proxy, "files", asking(auth), new Action.Files(site));
                Socket client = connect(edge.port())) {
            InputStream in = client.getInputStream();
            say(client, "GET /open HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(ScriptedOrigin.readHead(in)).startsWith("HTTP/1.1 200 ");
            in.readNBytes(7);
            say(client, "GET /secret HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345");
            assertThat(second.await(60, TimeUnit.SECONDS)).isTrue();
            say(client, "67890");
            client.shutdownOutput();
            // The edge has seen the end by the time it has run what comes after.
            for (int i = 0; i < 3; i++) {
                CountDownLatch turn = new CountDownLatch(1);
                proxyLoop(turn::countDown);
                assertThat(turn.await(60, TimeUnit.SECONDS)).isTrue();
            }
            decided.countDown();
            String rest = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(rest).doesNotContain("for all").doesNotContain("HTTP/1.1 200 ");
            assertThat(rest).startsWith("HTTP/1.1 403 ");
            nothingIsLeft(edge);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            boolean _ = latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The client leaves, or the listener closes, while it is still being asked who may come in.
    @Test
    void givesThePlaceBackWhenAClientLeavesBeforeItIsLetIn() throws Exception {
        CountDownLatch asked = new CountDownLatch(3);
        CountDownLatch decided = new CountDownLatch(1);
        try (ScriptedOrigin auth = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    asked.countDown();
                    awaitQuietly(decided);
                    out.write(ScriptedOrigin.response("200 OK", new byte[0]));
                });
                ScriptedOrigin origin = ScriptedOrigin.echo();
                RoutedEdge edge = RoutedEdge.open(proxy, "ask", asking(auth))) {
            edge.upstream.admit(Set.of(origin.endpoint(1)));
            Socket gone = connect(edge.port());
            say(gone, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n123");
            Socket ended = connect(edge.port());
            say(ended, "GET /b HTTP/1.1\r\nHost: a\r\n\r\n");
            Socket patient = connect(edge.port());
            say(patient, "GET /c HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(edge.admission.inside()).isEqualTo(3);
            reset(gone);
            ended.close();
            Edge.await(() -> proxy.counters().openConnections() <= 2);
            edge.listener.close();
            decided.countDown();
            assertThat(new String(patient.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                    .startsWith("HTTP/1.1 200 ")
                    .contains("Connection: close");
            patient.close();
            nothingIsLeft(edge);
            assertThat(edge.linesAtEnd()).hasSize(3);
        }
    }

    /// Other routes, and another log, take over while an exchange is under way: it ends as it began.
    @Test
    void finishesAnExchangeByTheRoutesItMet() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answers = new CountDownLatch(1);
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    asked.countDown();
                    awaitQuietly(answers);
                    out.write(ScriptedOrigin.response("200 OK", new byte[] {'k'}));
                });
                RoutedEdge edge = RoutedEdge.open(proxy, "old", policy(AccessSpec.OPEN));
                Socket client = connect(edge.port())) {
            edge.upstream.admit(Set.of(origin.endpoint(1)));
            say(client, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();
            edge.routes.become(List.of(), null, io.pm2j.proxy.client.TrustedProxies.NONE);
            edge.retireLog();
            answers.countDown();
            InputStream in = client.getInputStream();
            assertThat(ScriptedOrigin.readHead(in)).startsWith("HTTP/1.1 200 ");
            in.readNBytes(1);
            say(client, "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            assertThat(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1))
                    .startsWith("HTTP/1.1 404 ");
            end(client);
            nothingIsLeft(edge);
            Edge.await(() -> edge.lines().size() == 1);
        }
    }

    /// A worker that says it cannot do it now, with more to come, and then breaks.
    @Test
    void givesBackWhatARefusedTryHeld() throws Exception {
        PolicySpec open = policy(AccessSpec.OPEN);
        PolicySpec often = new PolicySpec(
                open.path(),
                open.requestHeaders(),
                open.responseHeaders(),
                open.timeouts(),
                open.limits(),
                open.access(),
                open.cors(),
                open.requestId(),
                open.pages(),
                open.balance(),
                open.health(),
                new io.pm2j.config.spec.edge.RetrySpec(
                        2, java.util.EnumSet.allOf(io.pm2j.config.spec.edge.RetrySpec.Cause.class), false));
        ScriptedOrigin.Script refusing = (in, out) -> {
            for (String head = ScriptedOrigin.readHead(in); !head.isEmpty(); head = ScriptedOrigin.readHead(in)) {
                out.write("HTTP/1.1 503 Busy\r\nContent-Length: 100000\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                out.write(new byte[50_000]);
            }
        };
        try (ScriptedOrigin bad = new ScriptedOrigin(refusing);
                ScriptedOrigin well = ScriptedOrigin.echo();
                RoutedEdge edge = RoutedEdge.open(proxy, "again", often)) {
            edge.upstream.admit(Set.of(bad.endpoint(1), well.endpoint(2)));
            for (int i = 0; i < 10; i++) {
                try (Socket client = connect(edge.port())) {
                    say(client, "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
                    assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                            .startsWith("HTTP/1.1 200 ");
                }
            }
            nothingIsLeft(edge);
            Edge.await(() -> bad.openConnections() == 0);
            assertThat(edge.linesAtEnd())
                    .hasSize(10)
                    .allMatch(line -> line.startsWith("{\"status\":200,\"cause\":null"));
        }
    }
}
