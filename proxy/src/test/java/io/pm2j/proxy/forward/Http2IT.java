package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.internal.PlatformDependent;
import io.pm2j.config.Address;
import io.pm2j.proxy.Listener;
import io.pm2j.proxy.Standstill;
import io.pm2j.proxy.files.SiteOptions;
import io.pm2j.proxy.files.StaticSite;
import io.pm2j.proxy.http.Violation;
import io.pm2j.proxy.tls.Certificate;
import io.pm2j.proxy.tls.Pairs;
import io.pm2j.proxy.tls.TlsContexts;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients that speak HTTP/2, over real sockets.
@Timeout(180)
final class Http2IT {
    private static final int LARGE = 3 * 1024 * 1024;

    @TempDir
    Path folder = Path.of("");

    private Listener listen(Edge edge) throws Exception {
        return listen(edge, new Target.App(edge.app));
    }

    private Listener listen(Edge edge, Target target) throws Exception {
        Pairs.Pair pair = new Pairs(folder).make("a", "a", "b");
        Certificate certificate = Certificate.read(edge.vertx, pair.certificate(), pair.key());
        ListenerOptions options = new ListenerOptions(
                false,
                List.of(),
                Optional.empty(),
                Optional.of(edge.proxy.tls().open(List.of(certificate), new TlsContexts.Terms(false, true))));
        return edge.proxy.listen(new Address.Tcp("127.0.0.1", 0), target, options);
    }

    private static int port(Listener listener) {
        return ((Address.Tcp) listener.address()).port();
    }

    private static String text(int length) {
        return "0123456789abcdef".repeat(length / 16);
    }

    /// Answers with the bytes of the body it has read, in the framing that they came in.
    private static ScriptedOrigin returning() throws IOException {
        return new ScriptedOrigin((in, out) -> {
            for (String head = ScriptedOrigin.readHead(in); !head.isEmpty(); head = ScriptedOrigin.readHead(in)) {
                boolean chunked = head.contains("Transfer-Encoding: chunked");
                String body = chunked ? chunks(in) : length(head, in);
                out.write(ascii("HTTP/1.1 200 OK\r\n"
                        + (chunked
                                ? "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(body.length()) + "\r\n"
                                        + body + "\r\n0\r\n\r\n"
                                : "Content-Length: " + body.length() + "\r\n\r\n" + body)));
                out.flush();
            }
        });
    }

    private static String length(String head, InputStream in) throws IOException {
        int at = head.indexOf("content-length: ");
        int length = at < 0 ? 0 : Integer.parseInt(head.substring(at + 16, head.indexOf('\r', at)));
        return new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
    }

    private static String chunks(InputStream in) throws IOException {
        StringBuilder body = new StringBuilder();
        for (; ; ) {
            int length = Integer.parseInt(line(in), 16);
            body.append(new String(in.readNBytes(length), StandardCharsets.ISO_8859_1));
            String end = line(in);
            if (!end.isEmpty()) {
                throw new IOException("a chunk ends in " + end);
            }
            if (length == 0) {
                return body.toString();
            }
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("cut");
            }
            line.append((char) c);
        }
        return line.substring(0, line.length() - 1);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /// Answers each request with `response`, after which it closes when that is wanted.
    private static ScriptedOrigin saying(String response, boolean closes) throws IOException {
        return new ScriptedOrigin((in, out) -> {
            while (!ScriptedOrigin.readHead(in).isEmpty()) {
                out.write(ascii(response));
                out.flush();
                if (closes) {
                    return;
                }
            }
        });
    }

    // ---- requests ------------------------------------------------------------------------------------

    @Test
    void aRequestBecomesOneOfHttp1() throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            Http2Peer.Stream stream = client.open(
                    Http2Peer.head(
                            "GET", "/x?y=1", "cookie", "a=1", "x-own", "mine", "cookie", "b=2", "te", "trailers"),
                    true);

            assertThat(stream.text())
                    .startsWith("GET /x?y=1 HTTP/1.1\r\nHost: a\r\nx-own: mine\r\nCookie: a=1; b=2\r\n")
                    .contains("X-Forwarded-Proto: https\r\n")
                    .doesNotContain("te:")
                    .doesNotContain("ransfer");
            assertThat(stream.head().get("connection")).isNull();
            assertThat(stream.head().getLong("content-length"))
                    .isEqualTo(stream.text().length());
            assertThat(edge.count(Count.HTTP2_CONNECTIONS)).isEqualTo(1);
            assertThat(edge.count(Count.REQUESTS)).isEqualTo(1);
            assertThat(edge.count(Count.CONNECTIONS_ACCEPTED)).isEqualTo(1);
        }
    }

    @Test
    void manyStreamsShareAConnection() throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            List<Http2Peer.Stream> streams = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                streams.add(client.get("/" + i));
            }
            for (int i = 0; i < 100; i++) {
                assertThat(streams.get(i).text()).startsWith("GET /" + i + " HTTP/1.1\r\n");
            }
            assertThat(edge.count(Count.CONNECTIONS_ACCEPTED)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bodiesPassBothWaysWhole(boolean announced) throws Exception {
        String body = text(LARGE);
        try (ScriptedOrigin origin = returning();
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            String[] fields = announced ? new String[] {"content-length", "" + body.length()} : new String[0];
            Http2Peer.Stream stream = client.open(Http2Peer.head("POST", "/", fields), false);
            for (int at = 0; at < body.length(); at += 50_000) {
                stream.send(body.substring(at, Math.min(at + 50_000, body.length())), false);
            }
            stream.send("", true);

            assertThat(stream.text()).isEqualTo(body);
            assertThat(stream.head().get("transfer-encoding")).isNull();
            assertThat(client.get("/").status()).isEqualTo("200");
        }
    }

    @Test
    void aBodyMayEndWithTrailers() throws Exception {
        try (ScriptedOrigin origin = returning();
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            Http2Peer.Stream stream =
                    client.open(Http2Peer.head("POST", "/"), false).send("abc", false);
            stream.trailers(new DefaultHttp2Headers(false).add("x-sum", "1"));
            assertThat(stream.text()).isEqualTo("abc");
        }
    }

    @Test
    void whatWouldBeRefusedAsHttp1IsRefused() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            assertThat(client.open(Http2Peer.head("GET", "/").authority("a b@"), true)
                            .reset())
                    .isEqualTo(Http2Error.PROTOCOL_ERROR);
            assertThat(client.open(Http2Peer.head("GET", "/").authority("x@a"), true)
                            .status())
                    .isEqualTo("400");
            assertThat(client.get("/a#b").status()).isEqualTo("400");
            assertThat(client.open(Http2Peer.head("TRACE", "/"), true).status()).isEqualTo("405");
            Http2Headers connect =
                    new DefaultHttp2Headers(false).method("CONNECT").authority("a:443");
            assertThat(client.open(connect, false).status()).isEqualTo("405");
            String large = text(40 * 1024);
            assertThat(client.open(Http2Peer.head("GET", "/", "x-large", large), true)
                            .status())
                    .isEqualTo("431");
            assertThat(client.open(Http2Peer.head("GET", "/", "expect", "wonders"), true)
                            .status())
                    .isEqualTo("417");
            assertThat(client.open(Http2Peer.head("GET", "/").authority("elsewhere"), true)
                            .text())
                    .contains("Host: elsewhere");
            assertThat(origin.accepted).hasValue(1);
        }
    }

    // ---- responses -----------------------------------------------------------------------------------

    @Test
    void whatHasNoBodyEndsWithItsHead() throws Exception {
        try (ScriptedOrigin none = saying("HTTP/1.1 204 No Content\r\n\r\n", false);
                Edge edge = Edge.relaying(none.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            Http2Peer.Stream stream = client.get("/");
            assertThat(stream.text()).isEmpty();
            assertThat(stream.status()).isEqualTo("204");
        }
        try (ScriptedOrigin head = saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false);
                Edge edge = Edge.relaying(head.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            Http2Peer.Stream stream = client.open(Http2Peer.head("HEAD", "/"), true);
            assertThat(stream.text()).isEmpty();
            assertThat(stream.head().get("content-length").toString()).isEqualTo("5");
        }
    }

    @Test
    void earlyHintsComeBeforeTheAnswer() throws Exception {
        String hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";
        try (ScriptedOrigin origin = saying(hints + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", false);
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            Http2Peer.Stream stream = client.get("/");
            assertThat(stream.text()).isEqualTo("ok");
            assertThat(stream.statuses()).containsExactly("103", "200");
        }
    }

    @Test
    void aResponseThatEndsWithItsConnectionIsWhole() throws Exception {
        try (ScriptedOrigin origin = saying("HTTP/1.1 200 OK\r\n\r\nall of it", true);
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            assertThat(client.get("/").text()).isEqualTo("all of it");
            assertThat(client.get("/").text()).isEqualTo("all of it");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 10\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"})
    void r11AResponseThatIsCutShortIsReset(String rest) throws Exception {
        try (ScriptedOrigin origin = saying("HTTP/1.1 200 OK\r\n" + rest, true);
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            Http2Peer.Stream stream = client.get("/");
            assertThat(stream.reset()).isEqualTo(Http2Error.INTERNAL_ERROR);
            assertThat(stream.status()).isEqualTo("200");
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    void anAnswerThatComesBeforeTheBodyIsWhole() throws Exception {
        try (ScriptedOrigin origin = saying("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nno\n", true);
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            Http2Peer.Stream stream =
                    client.open(Http2Peer.head("POST", "/"), false).send("begun", false);
            assertThat(stream.text()).isEqualTo("no\n");
            assertThat(stream.status()).isEqualTo("413");
            assertThat(stream.resetAfterAll()).isEqualTo(Http2Error.NO_ERROR);
        }
    }

    @Test
    void filesComeWhole() throws Exception {
        String content = text(LARGE);
        Path root = Files.createDirectory(folder.resolve("site"));
        Files.writeString(root.resolve("large.txt"), content);
        StaticSite site = StaticSite.open(root, SiteOptions.defaults());
        try (Edge edge = Edge.serving(site);
                Http2Peer client = Http2Peer.to(port(listen(edge, new Target.Site(site))))) {
            List<Http2Peer.Stream> streams = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                streams.add(client.get("/large.txt"));
            }
            for (Http2Peer.Stream stream : streams) {
                assertThat(stream.text()).isEqualTo(content);
            }
            assertThat(client.get("/none").status()).isEqualTo("404");
            Http2Peer.Stream head = client.open(Http2Peer.head("HEAD", "/large.txt"), true);
            assertThat(head.text()).isEmpty();
            assertThat(head.head().getLong("content-length")).isEqualTo(LARGE);
        }
    }

    // ---- back-pressure and resets --------------------------------------------------------------------

    @Test
    void whoTakesNothingStopsItsWorkerAndNobodyElse() throws Exception {
        AtomicLong written = new AtomicLong();
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    while (!ScriptedOrigin.readHead(in).contains("/small")) {
                        out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n"));
                        byte[] piece = new byte[64 * 1024];
                        for (int i = 0; i < 1024; i++) {
                            out.write(piece);
                            written.addAndGet(piece.length);
                        }
                    }
                    out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            Http2Peer.Stream large = client.get("/large").taking(false);
            Edge.await(() -> written.get() > 0);
            assertThat(client.get("/small").text()).isEqualTo("ok");
            // The window of a stream, what waits for it, and the sockets' buffers on the way.
            assertThat(written.get()).isLessThan(32 * 1024 * 1024);

            large.taking(true);
            assertThat(large.text()).hasSize(67_108_864);
        }
    }

    @Test
    void anUploadThatNobodyTakesStopsNobodyElse() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    String head = ScriptedOrigin.readHead(in);
                    if (head.startsWith("POST /slow")) {
                        await(go);
                    }
                    String body = head.contains("chunked") ? chunks(in) : "";
                    out.write(ScriptedOrigin.response("200 OK", ascii("" + body.length())));
                    out.flush();
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            try {
                Http2Peer.Stream slow = client.open(Http2Peer.head("POST", "/slow"), false);
                int pieces = 512;
                for (int i = 0; i < pieces; i++) {
                    slow.send(text(64 * 1024), false);
                }
                slow.send("", true);
                Http2Peer.Stream quick = client.open(Http2Peer.head("POST", "/quick"), false);
                quick.send(text(64 * 1024), false).send(text(64 * 1024), true);

                assertThat(quick.text()).isEqualTo("131072");
                go.countDown();
                assertThat(slow.text()).isEqualTo("" + pieces * 64 * 1024);
            } finally {
                go.countDown();
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aStreamThatIsResetFreesItsWorker() throws Exception {
        BlockingQueue<String> heads = new LinkedBlockingQueue<>();
        BlockingQueue<Integer> ends = new LinkedBlockingQueue<>();
        try (ScriptedOrigin origin = new ScriptedOrigin((in, _) -> {
                    heads.add(ScriptedOrigin.readHead(in));
                    ends.add(in.read());
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            Http2Peer.Stream stream = client.get("/");
            assertThat(heads.poll(60, TimeUnit.SECONDS)).startsWith("GET / ");
            stream.reset(Http2Error.CANCEL);

            assertThat(ends.poll(60, TimeUnit.SECONDS)).isEqualTo(-1);
            Edge.await(edge.app::quiet);
            Edge.await(() -> edge.count(Count.CLIENT_ABORTS) == 1);
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    void aConnectionThatBreaksEndsItsStreams() throws Exception {
        BlockingQueue<Integer> ends = new LinkedBlockingQueue<>();
        BlockingQueue<String> heads = new LinkedBlockingQueue<>();
        try (ScriptedOrigin origin = new ScriptedOrigin((in, _) -> {
                    heads.add(ScriptedOrigin.readHead(in));
                    ends.add(in.read());
                });
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            try (Http2Peer client = Http2Peer.to(port(listen(edge)))) {
                for (int i = 0; i < 3; i++) {
                    client.get("/");
                    assertThat(heads.poll(60, TimeUnit.SECONDS)).startsWith("GET / ");
                }
            }
            for (int i = 0; i < 3; i++) {
                assertThat(ends.poll(60, TimeUnit.SECONDS)).isEqualTo(-1);
            }
            Edge.await(edge.app::quiet);
            Edge.await(() -> edge.count(Count.CONNECTIONS_CLOSED) == 1);
        }
    }

    private static int busy(Edge edge) throws Exception {
        Standstill still = edge.proxy.standStill();
        try {
            return still.awaitIdle(Duration.ofSeconds(60), () -> false);
        } finally {
            still.goOn();
        }
    }

    private static void stall(Http2Peer.Stream upload) {
        for (int i = 0; i < 256; i++) {
            upload.send(text(64 * 1024), false);
        }
    }

    /// Reads a head, and nothing more until it may go on; then it answers.
    private static ScriptedOrigin waiting(CountDownLatch go, CountDownLatch begun, String answer) throws IOException {
        return new ScriptedOrigin((in, out) -> {
            ScriptedOrigin.readHead(in);
            begun.countDown();
            await(go);
            out.write(ascii(answer));
            out.flush();
            long _ = in.transferTo(java.io.OutputStream.nullOutputStream());
        });
    }

    /// How much is on its way to a worker that reads nothing has come to a standstill.
    private static void awaitStalled(Edge edge) {
        long[] last = {-1};
        Edge.await(() -> {
            long now = edge.count(Count.BYTES_FROM_CLIENTS);
            boolean still = now > 100_000 && now == last[0];
            last[0] = now;
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            return still;
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStalledUploadThatBreaksOffFreesItsWorker(boolean alone) throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        try (ScriptedOrigin origin = waiting(go, begun, "");
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            try {
                Http2Peer.Stream slow = client.open(Http2Peer.head("POST", "/slow"), false);
                stall(slow);
                begun.await();
                awaitStalled(edge);
                if (alone) {
                    slow.reset(Http2Error.CANCEL);
                } else {
                    client.breakOff();
                }
                Edge.await(edge.app::quiet);
                Edge.await(() -> edge.count(Count.CLIENT_ABORTS) == 1);
                assertThat(busy(edge)).isZero();
            } finally {
                go.countDown();
            }
        }
    }

    @Test
    void aStalledUploadThatIsAnsweredIsOver() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        String answer = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nno\n";
        try (ScriptedOrigin origin = waiting(go, begun, answer);
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            try {
                Http2Peer.Stream slow = client.open(Http2Peer.head("POST", "/slow"), false);
                stall(slow);
                begun.await();
                awaitStalled(edge);
                go.countDown();
                assertThat(slow.text()).isEqualTo("no\n");
                assertThat(slow.resetAfterAll()).isEqualTo(Http2Error.NO_ERROR);
                assertThat(busy(edge)).isZero();
            } finally {
                go.countDown();
            }
        }
    }

    @Test
    void uploadsThatWaitInVainAreOver() throws Exception {
        ProxyOptions options = ProxyOptions.defaults().withHold(Duration.ofMillis(500), 1000);
        try (Edge edge = Edge.relaying(options)) {
            Listener listener = listen(edge);
            try (Http2Peer client = Http2Peer.to(port(listener))) {
                List<Http2Peer.Stream> streams = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    Http2Peer.Stream upload = client.open(Http2Peer.head("POST", "/"), false);
                    streams.add(upload.send(text(16_000), false).send(text(16_000), false));
                }
                for (Http2Peer.Stream stream : streams) {
                    assertThat(stream.status()).isEqualTo("503");
                }
            }
            assertThat(busy(edge)).isZero();
        }
    }

    @Test
    void aSteadyReaderOfAFileGetsItWhole() throws Exception {
        Path root = Files.createDirectory(folder.resolve("site"));
        Files.writeString(root.resolve("large.txt"), text(LARGE));
        StaticSite site = StaticSite.open(root, SiteOptions.defaults());
        ProxyOptions options = ProxyOptions.defaults().withClientWrite(Duration.ofSeconds(3));
        try (Edge edge = Edge.serving(options, site);
                Http2Peer client = Http2Peer.to(port(listen(edge, new Target.Site(site))))) {
            Http2Peer.Stream file = client.get("/large.txt").taking(false);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(8);
            while (System.nanoTime() < end) {
                file.takeOne();
                java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
            assertThat(file.received()).isLessThan(LARGE);
            assertThat(file.taking(true).text()).hasSize(LARGE);
        }
    }

    @Test
    void stalledUploadsDoNotCostOthersTheirTime() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        ProxyOptions options = ProxyOptions.defaults().withBodyRate(500, Duration.ofSeconds(3));
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    if (ScriptedOrigin.readHead(in).startsWith("POST /slow")) {
                        await(go);
                    }
                    out.write(ScriptedOrigin.response(
                            "200 OK", ascii("" + chunks(in).length())));
                    out.flush();
                });
                Edge edge = Edge.relaying(options, origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            try {
                for (int i = 0; i < 20; i++) {
                    stall(client.open(Http2Peer.head("POST", "/slow"), false));
                }
                awaitStalled(edge);
                Http2Peer.Stream quick = client.open(Http2Peer.head("POST", "/quick"), false);
                quick.send(text(64 * 1024), false).send(text(64 * 1024), true);
                assertThat(quick.text()).isEqualTo("131072");
            } finally {
                go.countDown();
            }
        }
    }

    // ---- attacks -------------------------------------------------------------------------------------

    @Test
    void whatIsMalformedNeverReachesAWorker() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            List<Http2Headers> heads = new ArrayList<>(List.of(
                    Http2Peer.head("GET", "/", "X-Upper", "1"),
                    Http2Peer.head("GET", "/", "connection", "close"),
                    Http2Peer.head("GET", "/", "transfer-encoding", "chunked"),
                    Http2Peer.head("GET", "/", "upgrade", "websocket"),
                    Http2Peer.head("GET", "/", "keep-alive", "1"),
                    Http2Peer.head("GET", "/", "te", "gzip"),
                    Http2Peer.head("GET", "/", "a:b", "1"),
                    Http2Peer.head("GET", "/", "a b", "1"),
                    Http2Peer.head("GET", "/", "a\r\nb", "1"),
                    Http2Peer.head("GET", "/", "x", "1\r\nHost: b"),
                    Http2Peer.head("GET", "/", "x", "1\n"),
                    Http2Peer.head("GET", "/", "x", "a\0b"),
                    Http2Peer.head("GET", "/", "x", " padded"),
                    Http2Peer.head("GET", "/", "cookie", "a=1\r\nX: y"),
                    Http2Peer.head("GET", "/", "host", "b"),
                    Http2Peer.head("GET", "/", "content-length", "1"),
                    Http2Peer.head("GET", "/", "content-length", "+0"),
                    Http2Peer.head("GET", "/ HTTP/1.1\r\nX: y"),
                    Http2Peer.head("GET", "/a b"),
                    Http2Peer.head("GET", ""),
                    Http2Peer.head("GET", "x"),
                    Http2Peer.head("GET", "http://b/"),
                    Http2Peer.head("GET /x HTTP/1.1\r\nX: y\r\n", "/"),
                    Http2Peer.head("", "/"),
                    Http2Peer.head("GET", "/").authority("a\r\nX: y"),
                    Http2Peer.head("GET", "/").authority(""),
                    Http2Peer.head("GET", "/").add(":unknown", "1"),
                    Http2Peer.head("GET", "/").add(":status", "200"),
                    Http2Peer.head("GET", "/").add(":path", "/other"),
                    Http2Peer.head("GET", "/").add(":authority", "other"),
                    new DefaultHttp2Headers(false)
                            .scheme("https")
                            .authority("a")
                            .path("/"),
                    new DefaultHttp2Headers(false).method("GET").authority("a").path("/"),
                    new DefaultHttp2Headers(false).method("GET").scheme("https").authority("a"),
                    new DefaultHttp2Headers(false).method("GET").scheme("https").path("/")));
            for (Http2Headers head : heads) {
                Http2Peer.Stream stream = client.open(head, true);
                assertThat(stream.outcome()).as("%s", head).isEqualTo("PROTOCOL_ERROR");
            }
            assertThat(edge.proxy.counters().refused(Violation.MALFORMED_STREAM))
                    .isEqualTo(heads.size());
            assertThat(origin.accepted).hasValue(0);
            assertThat(client.get("/").status()).isEqualTo("200");
        }
    }

    @Test
    void aBodyIsAsLongAsItWasSaid() throws Exception {
        BlockingQueue<String> bodies = new LinkedBlockingQueue<>();
        try (ScriptedOrigin origin = new ScriptedOrigin((in, _) -> {
                    ScriptedOrigin.readHead(in);
                    bodies.add(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            Http2Peer.Stream shorter = client.open(Http2Peer.head("POST", "/", "content-length", "5"), false);
            assertThat(shorter.send("abc", true).reset()).isEqualTo(Http2Error.PROTOCOL_ERROR);
            assertThat(bodies.poll(60, TimeUnit.SECONDS)).isIn("abc", "");
            Http2Peer.Stream longer = client.open(Http2Peer.head("POST", "/", "content-length", "5"), false);
            assertThat(longer.send("abc", false)
                            .send("defGET / HTTP/1.1\r\n", true)
                            .reset())
                    .isEqualTo(Http2Error.PROTOCOL_ERROR);
            assertThat(bodies.poll(60, TimeUnit.SECONDS)).isIn("abc", "");
        }
    }

    @Test
    void whoOpensAndResetsWithoutEndIsSentAway() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, _) -> in.readAllBytes());
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            Listener listener = listen(edge);
            try (Http2Peer client = Http2Peer.to(port(listener))) {
                for (int i = 0; i < 300 && client.isOpen(); i++) {
                    client.get("/").reset(Http2Error.CANCEL);
                }
                // What it is told may be lost, as it goes on sending.
                Edge.await(() -> !client.isOpen());
                assertThat(client.farewells).isSubsetOf(Http2Error.ENHANCE_YOUR_CALM);
                Edge.await(() -> edge.proxy.counters().refused(Violation.TOO_MUCH_ADO) == 1);
            }
            Edge.await(edge.app::quiet);
        }
    }

    @Test
    void framesOfUnknownTypesAreNotKept() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        try (ScriptedOrigin origin = waiting(go, begun, "");
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            try {
                Http2Peer.Stream slow = client.open(Http2Peer.head("POST", "/slow"), false);
                stall(slow);
                begun.await();
                awaitStalled(edge);
                long before = PlatformDependent.usedDirectMemory();
                byte[] frame = new byte[9 + 16_384];
                frame[1] = 0x40;
                frame[3] = 0x42;
                frame[8] = (byte) slow.id();
                int frames = 4_000;
                for (int i = 0; i < frames; i++) {
                    client.sendRaw(frame);
                }
                assertThat(client.get("/").channelIsOpen()).isTrue();
                assertThat(PlatformDependent.usedDirectMemory() - before).isLessThan(frames * 16_384L / 2);
            } finally {
                go.countDown();
            }
        }
    }

    @Test
    void whatWasOnItsWayToARefusedUploadIsNoFault() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            byte[] frame = new byte[9 + 16_000];
            frame[1] = (byte) (16_000 >> 8);
            frame[2] = (byte) 16_000;
            for (int i = 0; i < 80; i++) {
                Http2Peer.Stream upload =
                        client.open(Http2Peer.head("POST", "/a#b", "content-length", "200000"), false);
                assertThat(upload.status()).isEqualTo("400");
                frame[7] = (byte) (upload.id() >> 8);
                frame[8] = (byte) upload.id();
                for (int n = 0; n < 4; n++) {
                    client.sendRaw(frame);
                }
            }
            assertThat(client.get("/").status()).isEqualTo("200");
            assertThat(client.farewells).isEmpty();
        }
    }

    @Test
    void brokenAnswersAreNoFaultOfTheClient() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    String head = ScriptedOrigin.readHead(in);
                    out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: " + (head.contains("/cut") ? "10" : "2")
                            + "\r\n\r\nok"));
                    out.flush();
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            for (int i = 0; i < 260; i++) {
                assertThat(client.get("/cut").outcome()).isEqualTo("INTERNAL_ERROR");
            }
            assertThat(client.get("/").text()).isEqualTo("ok");
            assertThat(client.farewells).isEmpty();
        }
    }

    @Test
    void whoSendsWhatIsMalformedWithoutEndIsSentAway() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            for (int i = 0; i < 300 && client.isOpen(); i++) {
                client.open(Http2Peer.head("GET", "/", "x", " "), true);
            }
            Edge.await(() -> !client.isOpen());
            Edge.await(() -> edge.proxy.counters().refused(Violation.TOO_MUCH_ADO) == 1);
            assertThat(origin.accepted).hasValue(0);
        }
    }

    @Test
    void framesThatAreNoneEndTheConnection() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            Listener listener = listen(edge);
            // A window update of nothing, data on no stream, a head on stream 2, settings of five bytes.
            List<byte[]> frames = List.of(
                    new byte[] {0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                    new byte[] {0, 0, 1, 0, 0, 0, 0, 0, 0, 'x'},
                    new byte[] {0, 0, 1, 1, 5, 0, 0, 0, 2, (byte) 0x82},
                    new byte[] {0, 0, 5, 4, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5});
            for (byte[] frame : frames) {
                try (Http2Peer client = Http2Peer.to(port(listener))) {
                    assertThat(client.get("/").status()).isEqualTo("200");
                    client.sendRaw(frame);
                    assertThat(client.farewells.poll(60, TimeUnit.SECONDS)).isNotEqualTo(Http2Error.NO_ERROR);
                    Edge.await(() -> !client.isOpen());
                }
            }
            assertThat(edge.proxy.counters().refused(Violation.BAD_FRAMES)).isEqualTo(frames.size());
        }
    }

    // ---- leaving -------------------------------------------------------------------------------------

    @Test
    void r4WhatIsSentBeforeTheClientKnowsIsServed() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    String head = ScriptedOrigin.readHead(in);
                    if (head.startsWith("GET /slow ")) {
                        await(go);
                    }
                    out.write(ScriptedOrigin.response("200 OK", ascii("ok")));
                    out.flush();
                });
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            Listener listener = listen(edge);
            try (Http2Peer client = new Http2Peer(
                    port(listener), io.netty.handler.codec.http2.Http2Settings.defaultSettings(), false)) {
                Http2Peer.Stream slow = client.get("/slow");
                Edge.await(() -> edge.count(Count.REQUESTS) == 1);
                listener.close();
                assertThat(client.lastStreams.poll(60, TimeUnit.SECONDS)).isEqualTo(Integer.MAX_VALUE);
                // As if it had been on its way.
                Http2Peer.Stream crossing = client.get("/crossing");
                assertThat(crossing.text()).isEqualTo("ok");
                client.answerPings();
                assertThat(client.lastStreams.poll(60, TimeUnit.SECONDS)).isEqualTo(crossing.id());
                go.countDown();
                assertThat(slow.text()).isEqualTo("ok");
                Edge.await(() -> !client.isOpen());
                assertThat(client.farewells).containsExactly(Http2Error.NO_ERROR, Http2Error.NO_ERROR);
            } finally {
                go.countDown();
            }
        }
    }

    @Test
    void whoAnswersNoPingIsLeftAllTheSame() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            Listener listener = listen(edge);
            try (Http2Peer client = new Http2Peer(
                    port(listener), io.netty.handler.codec.http2.Http2Settings.defaultSettings(), false)) {
                assertThat(client.get("/").status()).isEqualTo("200");
                listener.close();
                Edge.await(() -> !client.isOpen());
            }
        }
    }

    @Test
    void anIdleConnectionIsLeft() throws Exception {
        ProxyOptions options = ProxyOptions.defaults()
                .withClientTimeouts(Duration.ofSeconds(3), Duration.ofSeconds(10), Duration.ofSeconds(10));
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(options, origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            assertThat(client.get("/").status()).isEqualTo("200");
            Edge.await(() -> !client.isOpen());
            assertThat(client.farewells).allMatch(Http2Error.NO_ERROR::equals).isNotEmpty();
            assertThat(edge.count(Count.IDLE_CLIENTS_CLOSED)).isEqualTo(1);
        }
    }

    @Test
    void atAStandstillStreamsAreAnsweredAndTheConnectionEnds() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    await(go);
                    out.write(ScriptedOrigin.response("200 OK", ascii("ok")));
                    out.flush();
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            try {
                Http2Peer.Stream stream = client.get("/");
                Edge.await(() -> edge.count(Count.REQUESTS) == 1);
                Standstill still = edge.proxy.standStill();
                try {
                    assertThat(still.awaitIdle(Duration.ofMillis(100), () -> false))
                            .isPositive();
                    go.countDown();
                    assertThat(stream.text()).isEqualTo("ok");
                    assertThat(still.awaitIdle(Duration.ofSeconds(60), () -> false))
                            .isZero();
                } finally {
                    still.goOn();
                }
                Edge.await(() -> !client.isOpen());
                assertThat(client.farewells)
                        .allMatch(Http2Error.NO_ERROR::equals)
                        .isNotEmpty();
            } finally {
                go.countDown();
            }
        }
    }

    /// It is not HTTP/2 without TLS, and not TLS without HTTP/2's preface.
    @Test
    void thePrefaceInPlainTextIsNoRequest() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client =
                        new Edge.Client(new Socket("127.0.0.1", port(listen(edge, new Target.App(edge.app)))))) {
            client.say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
            assertThat(client.rest()).startsWith("HTTP/1.1 400 ");
        }
    }
}
