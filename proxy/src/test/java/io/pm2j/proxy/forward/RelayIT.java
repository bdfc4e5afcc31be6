package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.config.Address;
import io.pm2j.proxy.Listener;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.http.Violation;
import io.pm2j.proxy.listen.ListenFailed;
import io.pm2j.proxy.upstream.Drained;
import io.pm2j.proxy.upstream.EndpointSpec;
import io.pm2j.proxy.upstream.Origin;
import io.pm2j.proxy.upstream.Upstream;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
final class RelayIT {
    private static final String GET = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
    private static Vertx vertx;

    private Proxy proxy;
    private Upstream app;
    private Listener listener;

    @BeforeAll
    static void startLoops() {
        vertx = Edge.usual().vertx(new VertxOptions().setEventLoopPoolSize(2));
    }

    @AfterAll
    static void endLoops() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @BeforeEach
    void start() throws Exception {
        restart(ProxyOptions.defaults().withHold(Duration.ofSeconds(60), 100));
    }

    private void restart(ProxyOptions options) throws Exception {
        if (proxy != null) {
            proxy.close();
        }
        proxy = Proxy.start(vertx, options);
        app = proxy.upstream("app");
        listener = proxy.listen(new Address.Tcp("127.0.0.1", 0), new Target.App(app));
    }

    @AfterEach
    void stop() {
        proxy.close();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket("127.0.0.1", ((Address.Tcp) listener.address()).port());
        socket.setSoTimeout(60_000);
        socket.setTcpNoDelay(true);
        return socket;
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String readResponse(InputStream in) throws IOException {
        String head = ScriptedOrigin.readHead(in);
        int at = head.toLowerCase(java.util.Locale.ROOT).indexOf("content-length: ");
        if (at < 0) {
            return head;
        }
        int length = Integer.parseInt(head.substring(at + 16, head.indexOf('\r', at)));
        return head + new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
    }

    private String ask(String request) throws IOException {
        try (Socket socket = connect()) {
            say(socket, request);
            return readResponse(new BufferedInputStream(socket.getInputStream()));
        }
    }

    @Test
    void reusesAnUpstreamConnectionAndSetsForwardedHeaders() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Socket client = connect()) {
            app.admit(Set.of(origin.endpoint(1)));
            InputStream in = new BufferedInputStream(client.getInputStream());
            for (int i = 0; i < 20; i++) {
                say(client, "GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6\r\nConnection: keep-alive\r\n\r\n");
                String response = readResponse(in);
                assertThat(response)
                        .startsWith("HTTP/1.1 200 OK\r\n")
                        .contains("X-Forwarded-For: 127.0.0.1\r\n", "X-Forwarded-Host: a\r\n", "Proto: http\r\n")
                        .doesNotContain("6.6.6.6", "keep-alive");
            }
            assertThat(origin.accepted).hasValueLessThanOrEqualTo(2);
        }
    }

    @Test
    void answersPipelinedRequestsInOrderAlsoAfterHalfClose() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Socket client = connect()) {
            app.admit(Set.of(origin.endpoint(1)));
            say(client, GET.replace("/x", "/1") + GET.replace("/x", "/2") + GET.replace("/x", "/3"));
            client.shutdownOutput();
            String all = new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(all).containsSubsequence("GET /1 ", "GET /2 ", "GET /3 ");
        }
    }

    @Test
    void r2AClientsIdleConnectionOutlivesEveryWorker() throws Exception {
        try (ScriptedOrigin one = ScriptedOrigin.echo();
                ScriptedOrigin two = ScriptedOrigin.echo();
                Socket client = connect()) {
            InputStream in = new BufferedInputStream(client.getInputStream());
            for (int n = 1; n <= 6; n++) {
                app.admit(Set.of((n % 2 == 0 ? two : one).endpoint(n)));
                say(client, GET);
                assertThat(readResponse(in))
                        .startsWith("HTTP/1.1 200 ")
                        .doesNotContainIgnoringCase("connection: close");
                app.admit(Set.of());
                assertThat(app.awaitIdle(n, Duration.ofSeconds(60))).isInstanceOf(Drained.Idle.class);
            }
        }
    }

    @Test
    void acceptsAHeadByteByByte() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Socket client = connect()) {
            app.admit(Set.of(origin.endpoint(1)));
            for (char c : GET.toCharArray()) {
                say(client, String.valueOf(c));
            }
            assertThat(readResponse(client.getInputStream())).contains("GET /x HTTP/1.1");
        }
    }

    @Test
    void refusesAndCountsWithoutTouchingAWorker() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo()) {
            app.admit(Set.of(origin.endpoint(1)));
            String response =
                    ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n");
            assertThat(response).startsWith("HTTP/1.1 400 ").contains("Connection: close\r\n", "Date: ");
            assertThat(proxy.counters().refused(Violation.LENGTH_AND_ENCODING)).isEqualTo(1);
            assertThat(ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).startsWith("HTTP/1.1 505 ");
            assertThat(ask("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n")).startsWith("HTTP/1.1 405 ");
        }
    }

    @Test
    void holdsARequestUntilAnEndpointIsAdmitted() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Socket client = connect()) {
            say(client, GET);
            Edge.await(() -> app.waiting() > 0);
            app.admit(Set.of(origin.endpoint(1)));
            assertThat(readResponse(client.getInputStream())).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void answers503WhenTheHoldTimeoutPasses() throws Exception {
        restart(ProxyOptions.defaults().withHold(Duration.ofMillis(600), 100));
        assertThat(ask(GET)).startsWith("HTTP/1.1 503 ").contains("Retry-After: ");
        assertThat(app.waiting()).isZero();
    }

    @Test
    void retriesGetButNotPostOnADeadConnection() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
            String head = ScriptedOrigin.readHead(in);
            // The first to read a request dies without a word.
            if (!head.isEmpty() && calls.incrementAndGet() > 1 && !head.startsWith("POST")) {
                out.write(ScriptedOrigin.response("200 OK", new byte[] {'y'}));
            }
        })) {
            app.admit(Set.of(origin.endpoint(1)));
            assertThat(ask(GET)).startsWith("HTTP/1.1 200 ");
            String post = ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
            assertThat(post).startsWith("HTTP/1.1 502 ").contains("Proxy-Status: pm2j; error=connection_terminated");
        }
    }

    @Test
    void passesChunkedBodiesBothWays() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    String body = ScriptedOrigin.readHead(in);
                    out.write(("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
                            .getBytes(StandardCharsets.ISO_8859_1));
                });
                Socket client = connect()) {
            app.admit(Set.of(origin.endpoint(1)));
            say(client, "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe");
            say(client, "llo\r\n0\r\nX-Trailer: t\r\n\r\n");
            String all = new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(all).endsWith("\r\n\r\n5\r\nhello\r\n0\r\n\r\n").doesNotContain("X-Trailer");
        }
    }

    @Test
    void tunnelsAWebSocketAndEarlyBytes() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    String head = ScriptedOrigin.readHead(in);
                    assertThat(head).contains("Connection: upgrade\r\nUpgrade: websocket\r\n");
                    out.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhi"
                            .getBytes(StandardCharsets.ISO_8859_1));
                    in.transferTo(out);
                });
                Socket client = connect()) {
            app.admit(Set.of(origin.endpoint(1)));
            say(client, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly");
            InputStream in = client.getInputStream();
            assertThat(ScriptedOrigin.readHead(in)).startsWith("HTTP/1.1 101 ");
            assertThat(in.readNBytes(7)).asString(StandardCharsets.US_ASCII).isEqualTo("hiearly");
            client.shutdownOutput();
            assertThat(in.readAllBytes()).isEmpty();
        }
    }

    @Test
    void tunnelsWhatIsNotHttp() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> in.transferTo(out));
                Socket client = connect()) {
            app.admit(Set.of(origin.endpoint(1)));
            byte[] hello = {0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5};
            client.getOutputStream().write(hello);
            assertThat(client.getInputStream().readNBytes(hello.length)).isEqualTo(hello);
        }
    }

    @Test
    void letsAServerSpeakFirst() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
            out.write("220 ready\r\n".getBytes(StandardCharsets.US_ASCII));
            in.transferTo(out);
        })) {
            app.admit(Set.of(origin.endpoint(1)));
            for (int i = 0; i < 3; i++) {
                try (Socket client = connect()) {
                    assertThat(client.getInputStream().readNBytes(11))
                            .asString(StandardCharsets.US_ASCII)
                            .isEqualTo("220 ready\r\n");
                }
            }
        }
    }

    @Test
    void showsThatAResponseWasCutOff() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    out.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".getBytes(StandardCharsets.US_ASCII));
                });
                Socket client = connect()) {
            app.admit(Set.of(origin.endpoint(1)));
            say(client, GET);
            String all = new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(all).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\nabc");
        }
    }

    @Test
    void movesALargeBodyThroughASlowReader() throws Exception {
        byte[] piece = new byte[1024 * 1024];
        Arrays.fill(piece, (byte) 'p');
        int pieces = 100;
        AtomicInteger written = new AtomicInteger();
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + (long) pieces * piece.length + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
                    for (int i = 0; i < pieces; i++) {
                        out.write(piece);
                        written.incrementAndGet();
                    }
                });
                Socket client = connect()) {
            app.admit(Set.of(origin.endpoint(1)));
            say(client, GET);
            InputStream in = client.getInputStream();
            ScriptedOrigin.readHead(in);
            long read = 0;
            byte[] buffer = new byte[256 * 1024];
            int most = 0;
            while (read < (long) pieces * piece.length) {
                int n = in.read(buffer);
                assertThat(n).isPositive();
                read += n;
                most = Math.max(most, written.get() - (int) (read / piece.length));
            }
            // What the sockets' own buffers hold, not the whole body.
            assertThat(most).isLessThan(40);
        }
    }

    @Test
    void r5LosesNothingWhileTheSetChanges() throws Exception {
        try (ScriptedOrigin one = ScriptedOrigin.echo();
                ScriptedOrigin two = ScriptedOrigin.echo()) {
            app.admit(Set.of(one.endpoint(0)));
            AtomicInteger answered = new AtomicInteger();
            AtomicBoolean done = new AtomicBoolean();
            List<String> wrong = java.util.Collections.synchronizedList(new ArrayList<>());
            List<Thread> clients = new ArrayList<>();
            for (int c = 0; c < 6; c++) {
                clients.add(Thread.ofVirtual().start(() -> {
                    try (Socket client = connect()) {
                        InputStream in = new BufferedInputStream(client.getInputStream());
                        for (int i = 0; i < 500; i++) {
                            say(client, i % 3 == 0 ? GET.replace("GET", "POST") : GET);
                            String response = readResponse(in);
                            if (response.startsWith("HTTP/1.1 200 ")) {
                                answered.incrementAndGet();
                            } else {
                                wrong.add(response);
                            }
                        }
                    } catch (IOException e) {
                        wrong.add(e.toString());
                    }
                }));
            }
            Thread flips = Thread.ofVirtual().start(() -> {
                try {
                    for (int n = 1; !done.get(); n++) {
                        app.admit(Set.of((n % 2 == 0 ? one : two).endpoint(n)));
                        Drained drained = app.awaitIdle(n - 1, Duration.ofSeconds(60));
                        if (!(drained instanceof Drained.Idle)) {
                            wrong.add(drained.toString());
                        }
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            for (Thread client : clients) {
                client.join();
            }
            done.set(true);
            flips.join();
            assertThat(wrong).isEmpty();
            assertThat(answered).hasValue(3_000);
        }
    }

    @Test
    void r7ClosesIdleConnectionsOfADrainedEndpoint() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Socket client = connect()) {
            app.admit(Set.of(origin.endpoint(1)));
            say(client, GET);
            readResponse(client.getInputStream());
            app.admit(Set.of());
            assertThat(app.awaitIdle(1, Duration.ofSeconds(60))).isInstanceOf(Drained.Idle.class);
            // At once, long before they would have been idle for too long.
            long since = System.nanoTime();
            Edge.await(() -> origin.openConnections() == 0);
            assertThat(Duration.ofNanos(System.nanoTime() - since))
                    .isLessThan(ProxyOptions.UPSTREAM_IDLE.minusMillis(500));
        }
    }

    @Test
    void r7ADrainIsNotOverBeforeTheIdleConnectionsAreClosed() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Socket client = connect()) {
            app.admit(Set.of(origin.endpoint(1)));
            say(client, GET);
            readResponse(client.getInputStream());
            // The client may have its answer before the connection behind it is idle: left out before, it is closed.
            Edge.await(app::quiet);
            app.admit(Set.of());
            CountDownLatch stuck = new CountDownLatch(1);
            Future<Drained> drained;
            try {
                ((VertxInternal) vertx).nettyEventLoopGroup().forEach(loop -> loop.execute(() -> waitFor(stuck)));
                drained = CompletableFuture.supplyAsync(this::drained, Thread::startVirtualThread);
                Thread.sleep(300); // time to go wrong in
                assertThat(drained).isNotDone();
                assertThat(origin.openConnections()).isPositive();
            } finally {
                stuck.countDown();
            }
            assertThat(drained.get(60, TimeUnit.SECONDS)).isInstanceOf(Drained.Idle.class);
        }
    }

    private Drained drained() {
        try {
            return app.awaitIdle(1, Duration.ofSeconds(60));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void saysThatAnAddressIsInUse() {
        assertThatThrownBy(() -> proxy.listen(listener.address(), new Target.App(app)))
                .isInstanceOfSatisfying(
                        ListenFailed.class, e -> assertThat(e.errno()).isEqualTo(98));
    }

    @Test
    void servesFromConnectionsThatAreHandedOver() throws Exception {
        java.nio.file.Path path =
                java.nio.file.Files.createTempDirectory("relay").resolve("s");
        var address = java.net.UnixDomainSocketAddress.of(path);
        try (var server = java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            server.bind(address);
            Thread.ofVirtual().start(() -> answerOnce(server));
            List<String> clients = new ArrayList<>();
            app.admit(Set.of(new EndpointSpec(1, new Origin.Dialed(client -> {
                clients.add(client);
                var socket = io.netty.channel.unix.Socket.newSocketDomain();
                socket.connect(new io.netty.channel.unix.DomainSocketAddress(path.toFile()));
                return socket.intValue();
            }))));
            assertThat(ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"))
                    .startsWith("HTTP/1.1 200 ");
            assertThat(clients.getFirst()).startsWith("127.0.0.1 ");
        }
    }

    private static void answerOnce(java.nio.channels.ServerSocketChannel server) {
        try (var worker = server.accept()) {
            worker.read(java.nio.ByteBuffer.allocate(4096));
            worker.write(java.nio.ByteBuffer.wrap(ScriptedOrigin.response("200 OK", new byte[] {'z'})));
            worker.read(java.nio.ByteBuffer.allocate(1));
        } catch (IOException e) {
            // The test is over.
        }
    }

    @Test
    void cancelsTheUpstreamRequestWhenTheClientResets() throws Exception {
        java.util.concurrent.CountDownLatch asked = new java.util.concurrent.CountDownLatch(1);
        java.util.concurrent.CountDownLatch cancelled = new java.util.concurrent.CountDownLatch(1);
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
            ScriptedOrigin.readHead(in);
            asked.countDown();
            if (in.read() < 0) {
                cancelled.countDown();
            }
        })) {
            app.admit(Set.of(origin.endpoint(1)));
            try (Socket client = connect()) {
                say(client, GET);
                assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();
                client.setSoLinger(true, 0);
            }
            assertThat(cancelled.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void listensAtAUnixSocket() throws Exception {
        java.nio.file.Path path =
                java.nio.file.Files.createTempDirectory("relay").resolve("l");
        Listener unix = proxy.listen(new Address.Unix(path.toString()), new Target.App(app));
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                var client = java.nio.channels.SocketChannel.open(java.net.UnixDomainSocketAddress.of(path))) {
            app.admit(Set.of(origin.endpoint(1)));
            client.write(java.nio.ByteBuffer.wrap(GET.getBytes(StandardCharsets.US_ASCII)));
            InputStream in = java.nio.channels.Channels.newInputStream(client);
            assertThat(readResponse(in)).startsWith("HTTP/1.1 200 ");
        } finally {
            unix.close();
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void keepsTryingWhileNothingIsListening() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Socket deaf = new Socket();
                Socket client = connect()) {
            // Bound and never listening: nobody else can get the port, and every connect is refused.
            deaf.bind(new InetSocketAddress("127.0.0.1", 0));
            app.admit(Set.of(ScriptedOrigin.at(1, deaf.getLocalPort())));
            say(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
            Edge.await(() -> proxy.counters().of(Count.RETRIES) >= 2);
            app.admit(Set.of(origin.endpoint(2)));
            assertThat(readResponse(client.getInputStream())).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void worksWithoutDirectSend() throws Exception {
        restart(ProxyOptions.defaults().withDirectSend(false));
        try (ScriptedOrigin origin = ScriptedOrigin.echo()) {
            app.admit(Set.of(origin.endpoint(1)));
            assertThat(ask(GET)).startsWith("HTTP/1.1 200 ");
        }
    }
}
