package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// TLS at the edge while certificates are renewed, well and badly, and while the daemon is replaced.
class CertificatesIT {
    private static final String NAME = "secure.example";
    private static final int ENOUGH = 1_000;
    private static final int CLIENTS = 4;
    private static final Path PAIRS = Product.ROOT.resolve("daemon/src/test/resources/tls");

    @RegisterExtension
    final Product product = new Product();

    private int port;
    private Path live = Path.of("");

    @BeforeEach
    void start() throws Exception {
        port = product.freePort();
        pair(product.work().resolve("archive/1"), "one");
        live = Files.createSymbolicLink(product.work().resolve("live"), Path.of("archive/1"));
        product.write("app.js", """
                require('http').createServer((request, response) => {
                  setTimeout(() => response.end(request.headers['x-forwarded-proto']), 5);
                }).listen(%d);
                """.formatted(product.freePort()));
        product.write("ecosystem.yaml", """
                apps:
                  - { name: web, script: app.js, instances: 2, exec_mode: cluster }
                edge:
                  listeners:
                    - { address: "127.0.0.1:%d", tls: { cert: live/cert.pem, key: live/key.pem } }
                  routes:
                    - { host: secure.example, app: web }
                """.formatted(port));
        product.run("start", "ecosystem.yaml").succeeds();
        Product.eventually("the edge answers", () -> answer(connect()), answer -> answer.endsWith("https"));
    }

    /// A pair whose subject is `name`, or one that has expired.
    private static void pair(Path folder, String name) throws IOException {
        Files.createDirectories(folder);
        part(folder, name, "cert.pem");
        part(folder, name, "key.pem");
    }

    private static void part(Path folder, String name, String file) throws IOException {
        Files.copy(PAIRS.resolve(name).resolve(file), folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }

    /// A connection of a client that comes for the first time, after its handshake.
    private SSLSocket connect() throws IOException, GeneralSecurityException {
        Socket plain = new Socket("127.0.0.1", port);
        plain.setSoTimeout(60_000);
        SSLSocket socket =
                (SSLSocket) TrustsAnybody.context().getSocketFactory().createSocket(plain, NAME, port, true);
        SSLParameters wanted = socket.getSSLParameters();
        wanted.setServerNames(List.of(new SNIHostName(NAME)));
        socket.setSSLParameters(wanted);
        socket.startHandshake();
        return socket;
    }

    private static String subject(SSLSocket socket) throws IOException {
        return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                .getSubjectX500Principal()
                .getName()
                .substring(3);
    }

    private static String answer(SSLSocket socket) throws IOException {
        try (socket) {
            ask(socket, "Connection: close\r\n");
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static void ask(SSLSocket socket, String line) throws IOException {
        String request = "GET / HTTP/1.1\r\nHost: " + NAME + "\r\n" + line + "\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
    }

    private String served() throws IOException, GeneralSecurityException {
        try (SSLSocket socket = connect()) {
            return subject(socket);
        }
    }

    /// Clients that ask one after the other until the test has seen enough, and what became of it.
    private final class Visitors implements AutoCloseable {
        private final AtomicInteger answered = new AtomicInteger();
        private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
        private final Set<String> subjects = ConcurrentHashMap.newKeySet();
        private final List<Thread> clients;
        private volatile boolean over;

        private static boolean ended(Thread client) {
            try {
                return client.join(Duration.ofSeconds(90));
            } catch (InterruptedException e) {
                return false;
            }
        }

        /// Of every connection `each` requests are made.
        Visitors(int each) {
            clients = IntStream.range(0, CLIENTS)
                    .mapToObj(_ -> Thread.ofPlatform().start(() -> visit(each)))
                    .toList();
        }

        private void visit(int each) {
            while (!over) {
                try (SSLSocket socket = connect()) {
                    subjects.add(subject(socket));
                    boolean open = true;
                    for (int i = 0; i < each && open && !over; i++) {
                        open = one(socket, i);
                    }
                } catch (IOException | GeneralSecurityException e) {
                    failures.add(e.toString());
                }
            }
        }

        /// RFC 9110 §9.2.2: a request on a connection that had been used, and ended without a byte of an answer, is
        /// made again on another; so every client does. Whether the connection goes on.
        private boolean one(SSLSocket socket, int number) throws IOException {
            int first;
            try {
                ask(socket, "");
                first = socket.getInputStream().read();
            } catch (IOException e) {
                first = -1;
            }
            if (first < 0) {
                if (number == 0) {
                    failures.add("no answer to the first request");
                }
                return false;
            }
            String head = head(socket.getInputStream());
            int length = head.indexOf("Content-Length: 5\r\n");
            if (!head.startsWith("TTP/1.1 200 ") || length < 0) {
                failures.add(head);
                return false;
            }
            if (!new String(socket.getInputStream().readNBytes(5), StandardCharsets.ISO_8859_1).equals("https")) {
                failures.add("another body");
            }
            answered.incrementAndGet();
            return !head.contains("\r\nConnection: close\r\n");
        }

        private static String head(InputStream in) throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
                int c = in.read();
                if (c < 0) {
                    throw new IOException("cut off in the head: " + head);
                }
                head.append((char) c);
            }
            return head.toString();
        }

        /// At least so many more have been answered.
        void seen(int more) throws Exception {
            int until = answered.get() + more;
            Product.eventually("answers", answered::get, count -> count >= until);
        }

        @Override
        public void close() {
            over = true;
            clients.forEach(client -> assertThat(ended(client)).isTrue());
            assertThat(failures).isEmpty();
        }
    }

    private void warned(String sentence) throws Exception {
        Product.eventually("a banner", () -> product.run("ls").all(), out -> out.contains(sentence));
    }

    /// Race R14: the two files of a pair are never written at once.
    @Test
    void z15CertificatesAreRenewedWithoutAFailedHandshakeAndBadOnesAreNotTaken() throws Exception {
        pair(product.work().resolve("archive/3"), "three");
        try (Visitors visitors = new Visitors(2)) {
            part(live, "two", "cert.pem");
            warned("key.pem is not the key to");
            assertThat(served()).isEqualTo("one");
            part(live, "two", "key.pem");
            Product.eventually("the second", this::served, "two"::equals);
            assertThat(product.run("ls").all()).doesNotContain("cert.pem");

            byte[] pem = Files.readAllBytes(live.resolve("cert.pem"));
            Files.write(live.resolve("cert.pem"), Arrays.copyOf(pem, pem.length / 2));
            warned("cert.pem is not a whole certificate");
            assertThat(served()).isEqualTo("two");
            pair(live, "expired");
            warned("cert.pem has expired at 2020-01-31");
            assertThat(served()).isEqualTo("two");

            Path next = Files.createSymbolicLink(product.work().resolve("next"), Path.of("archive/3"));
            Files.move(next, live, StandardCopyOption.ATOMIC_MOVE);
            Product.eventually("the third", this::served, "three"::equals);
            assertThat(product.run("ls").all()).doesNotContain("cert.pem");
            visitors.seen(ENOUGH);

            assertThat(visitors.subjects).containsExactlyInAnyOrder("one", "two", "three");
        }
    }

    @Test
    void r15AClientComesBackWithoutAFullHandshakeAfterAnUpdateAndAfterARestart() throws Exception {
        Path session = product.work().resolve("session");

        assertThat(handshake("-sess_out", session)).contains("New, TLSv1.3");
        product.run("update").succeeds();
        assertThat(handshake("-sess_in", session)).contains("Reused, TLSv1.3");
        product.run("kill").succeeds();
        product.run("start", "ecosystem.yaml").succeeds();
        assertThat(handshake("-sess_in", session)).contains("Reused, TLSv1.3");
    }

    /// What `openssl s_client` says after a request.
    private String handshake(String option, Path session) throws Exception {
        Process client = new ProcessBuilder(List.of(
                        "openssl",
                        "s_client",
                        "-connect",
                        "127.0.0.1:" + port,
                        "-servername",
                        NAME,
                        "-ign_eof",
                        option,
                        session.toString()))
                .redirectErrorStream(true)
                .start();
        try (var in = client.getOutputStream()) {
            String request = "GET / HTTP/1.1\r\nHost: " + NAME + "\r\nConnection: close\r\n\r\n";
            in.write(request.getBytes(StandardCharsets.US_ASCII));
            in.flush();
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } finally {
            client.destroyForcibly();
        }
    }

    @Test
    void updatesUnderLoadLoseNoRequestOverTls() throws Exception {
        List<Long> workers = product.pids("web");
        try (Visitors visitors = new Visitors(1_000)) {
            for (int i = 0; i < 2; i++) {
                visitors.seen(ENOUGH / 4);
                product.run("update").succeeds();
            }
            visitors.seen(ENOUGH / 2);
        }
        assertThat(product.pids("web")).isEqualTo(workers);
    }

    @Test
    void anotherPairInTheFileIsServedAtTheSameListenerAndOneThatIsNoGoodRefusesTheFile() throws Exception {
        Path bad = product.work().resolve("bad");
        pair(bad, "one");
        part(bad, "two", "key.pem");
        pair(product.work().resolve("archive/3"), "three");
        String file = Files.readString(product.work().resolve("ecosystem.yaml"));
        try (SSLSocket open = connect()) {
            product.write("ecosystem.yaml", file.replace("live/", "bad/"));
            Ran refused = product.run("apply", "ecosystem.yaml");
            assertThat(refused.exit()).as(refused.toString()).isOne();
            assertThat(refused.err()).contains("key.pem is not the key to", "nothing of");
            assertThat(served()).isEqualTo("one");

            product.write("ecosystem.yaml", file.replace("live/", "archive/3/"));
            product.run("apply", "ecosystem.yaml").succeeds();
            assertThat(served()).isEqualTo("three");
            assertThat(answer(open)).as("on the connection of before").endsWith("https");
        }
    }
}
