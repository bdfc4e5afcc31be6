package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.config.Address;
import io.pm2j.config.spec.edge.Cidr;
import io.pm2j.config.spec.edge.ListenerSpec.ProxyVersion;
import io.pm2j.proxy.Listener;
import io.pm2j.proxy.Standstill;
import io.pm2j.proxy.files.SiteOptions;
import io.pm2j.proxy.files.StaticSite;
import io.pm2j.proxy.http.Violation;
import io.pm2j.proxy.preface.ProxyHeaderWriter;
import io.pm2j.proxy.tls.Certificate;
import io.pm2j.proxy.tls.Pairs;
import io.pm2j.proxy.tls.TicketKeys;
import io.pm2j.proxy.tls.Tls;
import io.pm2j.proxy.tls.TlsContexts;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients that speak TLS, over real sockets.
@Timeout(180)
final class TlsIT {
    private static final InetSocketAddress CLIENT = new InetSocketAddress("203.0.113.7", 4711);
    private static final InetSocketAddress PUBLIC = new InetSocketAddress("198.51.100.1", 8443);
    private static final int LARGE = 3 * 1024 * 1024;

    @TempDir
    Path folder = Path.of("");

    private Certificate certificate(Edge edge, String file, String... names) throws Exception {
        Pairs.Pair pair = new Pairs(folder).make(file, names);
        return Certificate.read(edge.vertx, pair.certificate(), pair.key());
    }

    private Tls tls(Edge edge) throws Exception {
        return edge.proxy.tls().open(List.of(certificate(edge, "a", "a")), new TlsContexts.Terms(false, false));
    }

    private static Listener listen(Edge edge, Tls tls) throws Exception {
        return listen(edge, tls, new Target.App(edge.app));
    }

    private static Listener listen(Edge edge, Tls tls, Target target) throws Exception {
        ListenerOptions options = new ListenerOptions(false, List.of(), Optional.empty(), Optional.of(tls));
        return edge.proxy.listen(new Address.Tcp("127.0.0.1", 0), target, options);
    }

    private Listener behindAProxy(Edge edge) throws Exception {
        ListenerOptions options =
                new ListenerOptions(true, List.of(Cidr.parse("127.0.0.0/8")), Optional.empty(), Optional.of(tls(edge)));
        return edge.proxy.listen(new Address.Tcp("127.0.0.1", 0), new Target.App(edge.app), options);
    }

    private static int port(Listener listener) {
        return ((Address.Tcp) listener.address()).port();
    }

    /// Believes everything.
    private static SSLContext trusting() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Gullible()}, null);
        return context;
    }

    private static final class Gullible implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private static SSLSocket connect(Listener listener, String name, String... versions) throws Exception {
        return over(new Socket("127.0.0.1", port(listener)), name, versions);
    }

    private static SSLSocket over(Socket plain, String name, String... versions) throws Exception {
        plain.setSoTimeout(20_000);
        SSLSocket socket = (SSLSocket) trusting().getSocketFactory().createSocket(plain, "127.0.0.1", 0, true);
        SSLParameters wanted = socket.getSSLParameters();
        if (!name.isEmpty()) {
            wanted.setServerNames(List.of(new SNIHostName(name)));
        }
        if (versions.length > 0) {
            wanted.setProtocols(versions);
        }
        socket.setSSLParameters(wanted);
        socket.startHandshake();
        return socket;
    }

    private static String subject(SSLSocket socket) throws IOException {
        return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                .getSubjectX500Principal()
                .getName();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void relaysWhatIsAskedOverTls(String version) throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1));
                Edge.Client client = new Edge.Client(connect(listen(edge, tls(edge)), "a", version))) {
            for (int i = 0; i < 3; i++) {
                client.say(Edge.GET);
                assertThat(client.response()).startsWith("HTTP/1.1 200 OK").contains("X-Forwarded-Proto: https\r\n");
            }
            assertThat(((SSLSocket) client.socket).getSession().getProtocol()).isEqualTo(version);
            assertThat(edge.count(Count.TLS_HANDSHAKES)).isEqualTo(1);
        }
    }

    @Test
    void speaksNothingThatIsOld() throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1))) {
            Tls newest =
                    edge.proxy.tls().open(List.of(certificate(edge, "b", "b")), new TlsContexts.Terms(true, false));
            Listener usual = listen(edge, tls(edge));

            assertThatThrownBy(() -> connect(listen(edge, newest), "b", "TLSv1.2"))
                    .isInstanceOf(SSLException.class);
            assertThat(handshake(port(usual), "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"))
                    .contains("alert protocol version");
            assertThat(handshake(port(usual), "-tls1_2", "-cipher", "AES128-GCM-SHA256:AES128-SHA"))
                    .contains("alert");
            Edge.await(() -> edge.count(Count.TLS_HANDSHAKES_FAILED) >= 3);
        }
    }

    /// What `openssl s_client` says.
    private static String handshake(int port, String... options) throws Exception {
        List<String> command =
                new java.util.ArrayList<>(List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (OutputStream in = process.getOutputStream()) {
            in.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            in.flush();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return said;
        } finally {
            process.destroyForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bodiesPassBothWaysWhole(boolean slowly) throws Exception {
        byte[] body = new byte[LARGE];
        new Random(3).nextBytes(body);
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    String _ = ScriptedOrigin.readHead(in);
                    byte[] came = in.readNBytes(LARGE);
                    out.write(ScriptedOrigin.response("200 OK", came));
                    out.flush();
                    in.transferTo(OutputStream.nullOutputStream());
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                SSLSocket client = connect(listen(edge, tls(edge)), "a")) {
            OutputStream out = client.getOutputStream();
            out.write(("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + LARGE + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.write(body);
            out.flush();
            InputStream in = client.getInputStream();
            assertThat(ScriptedOrigin.readHead(in)).startsWith("HTTP/1.1 200");
            if (slowly) {
                // The answer fills everything on its way first.
                Edge.await(() -> edge.count(Count.BYTES_TO_CLIENTS) > 100_000);
            }

            assertThat(in.readNBytes(LARGE)).isEqualTo(body);
        }
    }

    @Test
    void aPipelineIsAnsweredInOrder() throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1));
                Edge.Client client = new Edge.Client(connect(listen(edge, tls(edge)), "a"))) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 3000; i++) {
                all.append("GET /").append(i).append(" HTTP/1.1\r\nHost: a\r\n\r\n");
            }
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    client.say(all.toString());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            for (int i = 0; i < 3000; i++) {
                assertThat(client.response()).contains("GET /" + i + " HTTP/1.1\r\n");
            }
            writer.join();
        }
    }

    @Test
    void filesComeEncryptedAndWhole() throws Exception {
        byte[] large = new byte[LARGE];
        new Random(4).nextBytes(large);
        Path dir = Files.createDirectory(folder.resolve("site"));
        Files.write(dir.resolve("large.bin"), large);
        StaticSite site = StaticSite.open(dir, SiteOptions.defaults());
        try (Edge edge = Edge.serving(site);
                SSLSocket client = connect(listen(edge, tls(edge), new Target.Site(site)), "a")) {
            for (int i = 0; i < 2; i++) {
                client.getOutputStream()
                        .write("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(ScriptedOrigin.readHead(client.getInputStream())).startsWith("HTTP/1.1 200");
                assertThat(client.getInputStream().readNBytes(LARGE)).isEqualTo(large);
            }
        }
    }

    @Test
    void bytesOfATcpListenerAreDecrypted() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    byte[] hello = in.readNBytes(5);
                    out.write(hello);
                    out.flush();
                    out.write(in.readAllBytes());
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                SSLSocket client = connect(listen(edge, tls(edge), new Target.Bytes(edge.app)), "a", "TLSv1.3")) {
            client.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
            assertThat(client.getInputStream().readNBytes(5)).isEqualTo("hello".getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void aClientGetsTheCertificateOfItsName() throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1))) {
            Tls tls = edge.proxy
                    .tls()
                    .open(
                            List.of(
                                    certificate(edge, "first", "first.example"),
                                    certificate(edge, "exact", "www.b.example"),
                                    certificate(edge, "wild", "*.b.example")),
                            new TlsContexts.Terms(false, false));
            Listener listener = listen(edge, tls);

            assertThat(subject(connect(listener, "first.example"))).isEqualTo("CN=first");
            assertThat(subject(connect(listener, "WWW.b.example"))).isEqualTo("CN=exact");
            assertThat(subject(connect(listener, "x.b.example"))).isEqualTo("CN=wild");
            assertThat(subject(connect(listener, "x.y.b.example"))).isEqualTo("CN=first");
            assertThat(subject(connect(listener, "other.example"))).isEqualTo("CN=first");
            assertThat(subject(connect(listener, ""))).isEqualTo("CN=first");
        }
    }

    @Test
    void aRequestForAHostOfAnotherCertificateIsMisdirected() throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1))) {
            Tls tls = edge.proxy
                    .tls()
                    .open(
                            List.of(
                                    certificate(edge, "first", "a.example", "b.example"),
                                    certificate(edge, "other", "c.example")),
                            new TlsContexts.Terms(false, false));
            try (Edge.Client client = new Edge.Client(connect(listen(edge, tls), "a.example"))) {
                client.say("GET / HTTP/1.1\r\nHost: A.example:443\r\n\r\n");
                assertThat(client.response()).startsWith("HTTP/1.1 200");
                client.say("GET / HTTP/1.1\r\nHost: b.example\r\n\r\n");
                assertThat(client.response()).startsWith("HTTP/1.1 200");
                client.say("GET / HTTP/1.1\r\nHost: c.example\r\n\r\n");
                assertThat(client.response()).startsWith("HTTP/1.1 421 Misdirected Request");
            }
            assertThat(echo.accepted).hasValue(1);
            assertThat(edge.proxy.counters().refused(Violation.MISDIRECTED)).isEqualTo(1);
        }
    }

    @Test
    void plainTextIsAnsweredAndRefused() throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1));
                Socket plain = new Socket("127.0.0.1", port(listen(edge, tls(edge))));
                Edge.Client client = new Edge.Client(plain)) {
            client.say(Edge.GET);

            assertThat(client.rest())
                    .startsWith("HTTP/1.1 400 Bad Request")
                    .contains("Connection: close")
                    .endsWith("use https.\n");
            assertThat(edge.proxy.counters().refused(Violation.NOT_TLS)).isEqualTo(1);
        }
    }

    @Test
    void garbageInAHandshakeEndsIt() throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1))) {
            Listener listener = listen(edge, tls(edge));
            Random random = new Random(5);
            for (int i = 0; i < 200; i++) {
                byte[] bytes = new byte[1 + random.nextInt(400)];
                random.nextBytes(bytes);
                bytes[0] = 22;
                try (Socket socket = new Socket("127.0.0.1", port(listener))) {
                    socket.getOutputStream().write(bytes);
                }
            }
            try (Edge.Client client = new Edge.Client(connect(listener, "a"))) {
                client.say(Edge.GET);
                assertThat(client.response()).startsWith("HTTP/1.1 200");
            }
        }
    }

    @Test
    void aHandshakeHasItsTime() throws Exception {
        ProxyOptions options = ProxyOptions.defaults()
                .withClientTimeouts(Duration.ofSeconds(60), Duration.ofMillis(300), Duration.ofSeconds(60));
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(options, echo.endpoint(1));
                Socket silent = new Socket("127.0.0.1", port(listen(edge, tls(edge))))) {
            silent.setSoTimeout(20_000);

            assertThat(silent.getInputStream().read()).isEqualTo(-1);
            assertThat(edge.count(Count.TLS_HANDSHAKES_FAILED)).isEqualTo(1);
        }
    }

    @Test
    void aHandshakeThatIsBegunAndLeftFailsOnce() throws Exception {
        ProxyOptions options = ProxyOptions.defaults()
                .withClientTimeouts(Duration.ofSeconds(60), Duration.ofSeconds(3), Duration.ofSeconds(60));
        SSLEngine engine = trusting().createSSLEngine("a", 1);
        engine.setUseClientMode(true);
        ByteBuffer hello = ByteBuffer.allocate(64 * 1024);
        engine.wrap(ByteBuffer.allocate(0), hello);
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(options, echo.endpoint(1))) {
            Listener listener = listen(edge, tls(edge));
            try (Socket left = new Socket("127.0.0.1", port(listener))) {
                left.setSoTimeout(60_000);
                left.getOutputStream().write(hello.array(), 0, hello.position());
                assertThat(left.getInputStream().readAllBytes())
                        .as("the other side's part")
                        .isNotEmpty();
            }
            try (Edge.Client after = new Edge.Client(connect(listener, "a"))) {
                after.say(Edge.GET);
                assertThat(after.response()).startsWith("HTTP/1.1 200");
            }
            assertThat(edge.count(Count.TLS_HANDSHAKES_FAILED)).isEqualTo(1);
        }
    }

    @Test
    void aProxyHeaderComesBeforeTheHandshake() throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1))) {
            Socket plain = new Socket("127.0.0.1", port(behindAProxy(edge)));
            plain.getOutputStream().write(ProxyHeaderWriter.write(ProxyVersion.V2, CLIENT, PUBLIC));
            try (Edge.Client client = new Edge.Client(over(plain, "a"))) {
                client.say(Edge.GET);

                assertThat(client.response())
                        .contains("X-Forwarded-For: 203.0.113.7\r\n")
                        .contains("X-Forwarded-Proto: https\r\n");
            }
        }
    }

    @Test
    void aChangedCertificateIsForTheNextHandshake() throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1))) {
            Tls tls = tls(edge);
            Listener listener = listen(edge, tls);
            try (Edge.Client client = new Edge.Client(connect(listener, "a"))) {
                client.say(Edge.GET);
                assertThat(client.response()).startsWith("HTTP/1.1 200");
                tls.become(List.of(certificate(edge, "next", "a")));

                client.say(Edge.GET);
                assertThat(client.response()).startsWith("HTTP/1.1 200");
                assertThat(subject(connect(listener, "a"))).isEqualTo("CN=next");
            }
        }
    }

    @Test
    void noHttp2IsSpokenWhereItIsNotWanted() throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1))) {
            Listener listener = listen(edge, tls(edge));

            assertThat(handshake(port(listener), "-ign_eof", "-alpn", "h2,http/1.1"))
                    .contains("ALPN protocol: http/1.1")
                    .contains("HTTP/1.1 200 OK");
            assertThat(handshake(port(listener), "-ign_eof", "-alpn", "h2")).contains("No ALPN negotiated");
            try (Edge.Client client = new Edge.Client(connect(listener, "a"))) {
                client.say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
                assertThat(client.rest()).startsWith("HTTP/1.1 505 ");
            }
        }
    }

    /// As another program with the same keys: another proxy.
    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void r15AClientComesBackToAnotherProgramWithoutAFullHandshake(String version) throws Exception {
        byte[] key = new byte[TicketKeys.SIZE];
        new Random(6).nextBytes(key);
        TicketKeys keys = TicketKeys.none().at(Instant.now(), () -> key);
        TicketKeys others = TicketKeys.none().at(Instant.now(), () -> new byte[TicketKeys.SIZE]);
        Path session = folder.resolve("session");
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1));
                Edge next = Edge.relaying(echo.endpoint(1));
                Edge stranger = Edge.relaying(echo.endpoint(1))) {
            Certificate one = certificate(edge, "a", "a");
            edge.proxy.tls().tickets(keys);
            Listener first = listen(edge, edge.proxy.tls().open(List.of(one), new TlsContexts.Terms(false, false)));
            Listener second = listen(next, next.proxy.tls().open(List.of(one), new TlsContexts.Terms(false, false)));
            next.proxy.tls().tickets(TicketKeys.parse(keys.text()));
            Listener third =
                    listen(stranger, stranger.proxy.tls().open(List.of(one), new TlsContexts.Terms(false, false)));
            stranger.proxy.tls().tickets(others);

            assertThat(handshake(port(first), version, "-ign_eof", "-sess_out", session.toString()))
                    .contains("New, TLS");
            assertThat(handshake(port(third), version, "-ign_eof", "-sess_in", session.toString()))
                    .contains("New, TLS");
            assertThat(handshake(port(second), version, "-ign_eof", "-sess_in", session.toString()))
                    .contains("Reused, TLS");
        }
    }

    @Test
    void atAStandstillEachRequestIsAnsweredAndTheConnectionEnds() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    for (String head = ScriptedOrigin.readHead(in);
                            !head.isEmpty();
                            head = ScriptedOrigin.readHead(in)) {
                        if (head.startsWith("GET /slow")) {
                            asked.countDown();
                            try {
                                go.await();
                            } catch (InterruptedException e) {
                                return;
                            }
                        }
                        out.write(ScriptedOrigin.response("200 OK", "done".getBytes(StandardCharsets.US_ASCII)));
                        out.flush();
                    }
                });
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            Listener listener = listen(edge, tls(edge));
            try (Edge.Client idle = new Edge.Client(connect(listener, "a"));
                    Edge.Client slow = new Edge.Client(connect(listener, "a"));
                    Edge.Client silent = new Edge.Client(connect(listener, "a"))) {
                idle.say(Edge.GET);
                assertThat(idle.response()).endsWith("done");
                slow.say("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
                asked.await();
                Standstill still = edge.proxy.standStill();
                assertThat(idle.rest()).isEmpty();
                assertThat(silent.rest()).isEmpty();
                go.countDown();
                assertThat(slow.rest()).contains("Connection: close").endsWith("done");
                assertThat(still.awaitIdle(Duration.ofSeconds(20), () -> false)).isZero();
                assertThat(still.freeze(_ -> {}).orElseThrow().clients()).isZero();
                still.goOn();
            }
            try (Edge.Client after = new Edge.Client(connect(listener, "a"))) {
                after.say(Edge.GET);
                assertThat(after.response()).doesNotContain("close").endsWith("done");
            }
        }
    }

    @Test
    void aRequestThatFollowsAHandshakeAtAStandstillIsAnsweredHoweverLongItTakes() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    String _ = ScriptedOrigin.readHead(in);
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(900)); // longer than a handshake may take then
                    out.write(ScriptedOrigin.response("200 OK", "done".getBytes(StandardCharsets.US_ASCII)));
                    out.flush();
                });
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            Socket plain = new Socket("127.0.0.1", port(behindAProxy(edge)));
            plain.getOutputStream().write(ProxyHeaderWriter.write(ProxyVersion.V2, CLIENT, PUBLIC));
            Edge.await(() -> edge.count(Count.PROXY_HEADERS_TAKEN) == 1);
            Standstill still = edge.proxy.standStill();
            try (Edge.Client client = new Edge.Client(over(plain, "a"))) {
                client.say(Edge.GET);

                assertThat(client.rest()).contains("Connection: close").endsWith("done");
            }
            assertThat(still.awaitIdle(Duration.ofSeconds(20), () -> false)).isZero();
            still.goOn();
        }
    }

    @Test
    void whoseAnswerEndsAtAStandstillDoesNotHoldItUp() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    String _ = ScriptedOrigin.readHead(in);
                    out.write("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf".getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                    await(go);
                    out.write("half".getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                    String _ = ScriptedOrigin.readHead(in);
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = new Edge.Client(connect(listen(edge, tls(edge)), "a"))) {
            client.say(Edge.GET);
            assertThat(client.head()).contains("200 OK");
            Standstill still = edge.proxy.standStill();
            go.countDown();

            assertThat(client.rest()).isEqualTo("halfhalf");
            assertThat(still.awaitIdle(Duration.ofSeconds(20), () -> false)).isZero();
            still.goOn();
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
    void aFileThatShrinksWhileItIsSentIsCutOff() throws Exception {
        Path dir = Files.createDirectory(folder.resolve("site"));
        Path file = Files.write(dir.resolve("large.bin"), new byte[20 * LARGE]);
        StaticSite site = StaticSite.open(dir, SiteOptions.defaults());
        try (Edge edge = Edge.serving(site)) {
            Listener listener = listen(edge, tls(edge), new Target.Site(site));
            try (Edge.Client client = new Edge.Client(connect(listener, "a"))) {
                client.say("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
                assertThat(client.head()).startsWith("HTTP/1.1 200");
                Files.write(file, new byte[10]);

                assertThat(client.rest()).hasSizeLessThan(20 * LARGE);
            }
            assertThat(handshake(port(listener), "-ign_eof")).contains("HTTP/1.1 404");
        }
    }

    @Test
    void anEarlyAnswerIsNotLostWhileTheBodyComes() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    String _ = ScriptedOrigin.readHead(in);
                    out.write(ScriptedOrigin.response("413 Content Too Large", new byte[0]));
                    out.flush();
                    in.transferTo(OutputStream.nullOutputStream());
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = new Edge.Client(connect(listen(edge, tls(edge)), "a"))) {
            client.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + LARGE + "\r\n\r\n");
            for (int i = 0; i < 30; i++) {
                client.socket.getOutputStream().write(new byte[LARGE / 40]);
            }

            assertThat(client.rest())
                    .startsWith("HTTP/1.1 413 Content Too Large")
                    .contains("Connection: close");
        }
    }

    @Test
    void whatComesAfterTheOriginsEndIsPassedOn() throws Exception {
        byte[] late = new byte[LARGE];
        new Random(7).nextBytes(late);
        try (ServerSocket origin = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Edge edge = Edge.relaying(ScriptedOrigin.at(1, origin.getLocalPort()));
                SSLSocket client = connect(listen(edge, tls(edge), new Target.Bytes(edge.app)), "a", "TLSv1.3");
                Socket there = origin.accept()) {
            there.getOutputStream().write("bye".getBytes(StandardCharsets.US_ASCII));
            there.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).isEqualTo("bye".getBytes(StandardCharsets.US_ASCII));
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    client.getOutputStream().write(late);
                    client.shutdownOutput();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });

            assertThat(there.getInputStream().readAllBytes()).isEqualTo(late);
            writer.join();
        }
    }

    @Test
    void aResetIsNoEndForTheOrigin() throws Exception {
        BlockingQueue<String> ends = new LinkedBlockingQueue<>();
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    try {
                        ends.add("bytes " + in.readAllBytes().length);
                    } catch (IOException e) {
                        ends.add("reset");
                    }
                });
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            Socket plain = new Socket("127.0.0.1", port(listen(edge, tls(edge), new Target.Bytes(edge.app))));
            SSLSocket client = over(plain, "a");
            client.getOutputStream().write(new byte[100]);
            Edge.await(() -> edge.count(Count.BYTES_FROM_CLIENTS) >= 100);
            plain.setSoLinger(true, 0);
            plain.close();

            assertThat(ends.poll(60, TimeUnit.SECONDS)).isEqualTo("reset");
        }
    }

    @Test
    void theDotOfTheRootMakesNoOtherHost() throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1))) {
            Tls tls = edge.proxy
                    .tls()
                    .open(
                            List.of(certificate(edge, "first", "a.example"), certificate(edge, "other", "c.example")),
                            new TlsContexts.Terms(false, false));
            try (Edge.Client client = new Edge.Client(connect(listen(edge, tls), "c.example"))) {
                client.say("GET / HTTP/1.1\r\nHost: c.example.:443\r\n\r\n");
                assertThat(client.response()).startsWith("HTTP/1.1 200");
                client.say("GET / HTTP/1.0\r\n\r\n");
                assertThat(client.response()).startsWith("HTTP/1.1 200");
            }
        }
    }

    @Test
    void whoLeavesIsToldWithItsNextAnswer() throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1));
                Edge.Client client = new Edge.Client(connect(listen(edge, tls(edge)), "a"))) {
            client.say(Edge.GET);
            assertThat(client.response()).contains("200 OK");
            edge.proxy.leave(Duration.ZERO, () -> false);
            client.say(Edge.GET);

            assertThat(client.rest()).contains("200 OK").contains("\r\nConnection: close\r\n");
        }
    }

    @Test
    void aClientThatThinksIsWaitedForAndAStreamIsNot() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    for (String head = ScriptedOrigin.readHead(in);
                            !head.isEmpty();
                            head = ScriptedOrigin.readHead(in)) {
                        boolean tunnel = head.contains("Upgrade: echo");
                        out.write((tunnel
                                        ? "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
                                        : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                                .getBytes(StandardCharsets.US_ASCII));
                        out.flush();
                    }
                });
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            Listener listener = listen(edge, tls(edge));
            try (Edge.Client stream = new Edge.Client(connect(listener, "a"));
                    Edge.Client client = new Edge.Client(connect(listener, "a"))) {
                stream.say("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
                assertThat(stream.head()).contains(" 101 ");
                client.say(Edge.GET);
                assertThat(client.response()).contains("200 OK");
                CountDownLatch left = new CountDownLatch(1);
                Thread.ofVirtual().start(() -> {
                    try {
                        edge.proxy.leave(Duration.ofSeconds(100), () -> false);
                        left.countDown();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
                assertThat(left.await(300, TimeUnit.MILLISECONDS)).isFalse();
                client.say(Edge.GET);

                assertThat(client.rest()).contains("200 OK").contains("\r\nConnection: close\r\n");
                assertThat(left.await(60, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    @Test
    void anAnswerThatIsCutShortHasNoFarewell() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    String _ = ScriptedOrigin.readHead(in);
                    out.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\npart".getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                    String _ = ScriptedOrigin.readHead(in);
                });
                // Longer than an answer takes to begin on a busy machine.
                Edge edge = Edge.relaying(
                        ProxyOptions.defaults().withExchangeTotal(Duration.ofSeconds(2)), origin.endpoint(1));
                Edge.Client client = new Edge.Client(connect(listen(edge, tls(edge)), "a"))) {
            client.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.head()).contains("200 OK");

            assertThatThrownBy(client::rest).isInstanceOf(IOException.class);
        }
    }
}
