package io.pm2j.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What becomes of what is under way when its worker goes: answers, streams, and what nobody can answer any more.
class LastRequestsIT {
    @RegisterExtension
    final Product product = new Product();

    private Path ledgers = Path.of("");

    private int startMixed(int instances, String... attributes) throws Exception {
        product.app("mixed");
        ledgers = Files.createDirectories(product.work().resolve("ledgers"));
        int port = product.freePort();
        product.ecosystem(Stream.concat(
                        Stream.of(
                                "name: 'mixed', script: 'mixed/app.js', exec_mode: 'cluster', instances: " + instances,
                                "env: { PORT: " + port + ", LEDGER_DIR: '" + ledgers + "' }"),
                        Stream.of(attributes))
                .reduce((one, other) -> one + ", " + other)
                .orElseThrow());
        product.run("start", "ecosystem.config.js").succeeds();
        product.answers(port);
        return port;
    }

    @Test
    void z5AGetWhoseWorkerIsKilledIsAnsweredByASibling() throws Exception {
        int port = startMixed(2);
        List<Long> pids = product.pids("mixed");
        List<CompletableFuture<String>> asked = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            asked.add(send(
                    port,
                    "GET /slow?until=" + mayAnswer() + "&load=g" + i
                            + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
        }
        Product.eventually("all are under way", () -> entries().size(), count -> count == 10);

        kill(pids.getFirst());
        Files.createFile(mayAnswer());

        for (int i = 0; i < 10; i++) {
            assertThat(asked.get(i).get(90, TimeUnit.SECONDS))
                    .startsWith("HTTP/1.1 200 ")
                    .contains("g" + i + " ");
        }
    }

    @Test
    void z6APostWhoseWorkerIsKilledIsA502AndNeverDoneTwice() throws Exception {
        int port = startMixed(2);
        List<Long> pids = product.pids("mixed");
        List<CompletableFuture<String>> asked = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            asked.add(send(
                    port,
                    "POST /slow?until=" + mayAnswer()
                            + " HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nConnection: close\r\n\r\np" + i + "\nx"));
        }
        Product.eventually("all are under way", () -> entries().size(), count -> count == 10);
        long killed = pids.getFirst();
        List<String> lost = Files.readAllLines(ledgers.resolve(killed + ".log"));

        kill(killed);
        Product.eventually("it is gone", () -> Outage.gone(killed), gone -> gone);
        Files.createFile(mayAnswer());

        for (int i = 0; i < 10; i++) {
            assertThat(asked.get(i).get(90, TimeUnit.SECONDS))
                    .startsWith(lost.contains("p" + i) ? "HTTP/1.1 502 " : "HTTP/1.1 200 ");
        }
        assertThat(lost).isNotEmpty();
        assertThat(entries()).doesNotHaveDuplicates();
    }

    @Test
    void r2AClientsIdleConnectionSeesNothingOfAReload() throws Exception {
        int port = startMixed(1, "bake: 0");
        try (var socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(60_000);
            String before = request(socket);
            for (int i = 0; i < 2; i++) {
                product.run("reload", "mixed").succeeds();
                assertThat(request(socket)).isNotEqualTo(before).startsWith("hello ");
            }
        }
    }

    /// A GET on a connection that is kept; the body of its answer.
    private static String request(Socket socket) throws IOException {
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(ISO_8859_1));
        StringBuilder answer = new StringBuilder();
        while (answer.indexOf("\n", Math.max(0, answer.indexOf("\r\n\r\n") + 4)) < 0 || answer.indexOf("hello") < 0) {
            int next = socket.getInputStream().read();
            assertThat(next).as("end of stream after: %s", answer).isNotNegative();
            answer.append((char) next);
        }
        return answer.substring(answer.indexOf("hello"));
    }

    /// R11 on the whole product.
    @Test
    void z7AnAnswerWhoseWorkerIsKilledIsVisiblyCutOff() throws Exception {
        int port = startMixed(1);
        try (LongLived drip = LongLived.get(port, "/drip")) {
            assertThat(drip.line()).isNotEmpty();

            kill(product.pids("mixed").getFirst());

            assertThat(drip.rest()).doesNotEndWith("0\r\n\r\n");
        }
    }

    /// Race R10.
    @Test
    void z16StreamsStayOnTheOldWorkerForAWhileAndAreThenToldToComeBack() throws Exception {
        int port = startMixed(1, "stream_drain: '15s'");
        long old = product.pids("mixed").getFirst();
        try (LongLived chat = LongLived.webSocket(port);
                LongLived events = LongLived.get(port, "/events")) {
            assertThat(chat.echo("one")).isEqualTo(old);

            product.run("reload", "mixed").succeeds();

            long fresh = product.pids("mixed").getFirst();
            assertThat(fresh).isNotEqualTo(old);
            assertThat(chat.echo("two")).as("still there").isEqualTo(old);
            assertThat(product.get(port, "/").body()).as("meanwhile").contains(" " + fresh + " ");

            assertThat(chat.awaitClose()).isEqualTo(new LongLived.Closed(1001));
            assertThat(events.rest()).contains("data: " + old).doesNotEndWith("0\r\n\r\n");
            Product.eventually("the old one is gone", () -> Outage.gone(old), gone -> gone);
            try (LongLived again = LongLived.webSocket(port)) {
                assertThat(again.echo("three")).isEqualTo(fresh);
            }
        }
    }

    /// Race R10: not one generation for each reload of the last minutes.
    @Test
    void z16OnlySomeGenerationsAreKeptByTheirStreams() throws Exception {
        int port = startMixed(1, "stream_drain: '10m'");
        List<LongLived> chats = new ArrayList<>();
        try {
            for (int i = 0; i < 5; i++) {
                LongLived chat = LongLived.webSocket(port);
                chats.add(chat);
                assertThat(chat.echo("hello")).isEqualTo(product.pids("mixed").getFirst());
                product.run("reload", "mixed", "--force").succeeds();
            }

            assertThat(chats.getFirst().awaitClose()).isEqualTo(new LongLived.Closed(1001));
            assertThat(chats.getLast().echo("still")).isPositive();
        } finally {
            for (LongLived chat : chats) {
                chat.close();
            }
        }
    }

    @Test
    void aStoppedDaemonAnswersWhatIsUnderWayAndAcceptsNothing() throws Exception {
        int port = startMixed(2);
        CompletableFuture<String> get = send(port, "GET /slow?ms=8000&load=last HTTP/1.1\r\nHost: a\r\n\r\n");
        CompletableFuture<String> post = send(
                port,
                "POST /slow?ms=8000 HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nConnection: close\r\n\r\npost\nx");
        Product.eventually("under way", () -> entries().size(), count -> count == 2);

        ProcessHandle.of(Outage.daemonPid(product)).ifPresent(ProcessHandle::destroy);

        Product.eventually("nothing is accepted", () -> Product.listens(port), listens -> !listens);
        assertThat(get).as("kill_timeout is over before it is answered").isNotDone();
        assertThat(get.get(90, TimeUnit.SECONDS))
                .startsWith("HTTP/1.1 200 ")
                .contains("last ")
                .containsIgnoringCase("Connection: close");
        assertThat(post.get(90, TimeUnit.SECONDS)).startsWith("HTTP/1.1 200 ").contains("post ");
        Product.eventually("all is gone", () -> Processes.of(product.home()), List::isEmpty);
    }

    @Test
    void aStoppedDaemonTellsItsStreamsBeforeItEndsThem() throws Exception {
        int port = startMixed(1);
        long worker = product.pids("mixed").getFirst();
        try (LongLived chat = LongLived.webSocket(port);
                LongLived events = LongLived.get(port, "/events")) {
            assertThat(chat.echo("one")).isEqualTo(worker);
            CompletableFuture<String> get =
                    send(port, "GET /slow?until=" + mayAnswer() + "&load=last HTTP/1.1\r\nHost: a\r\n\r\n");
            Product.eventually("under way", () -> entries().size(), count -> count == 1);

            ProcessHandle.of(Outage.daemonPid(product)).ifPresent(ProcessHandle::destroy);
            Product.eventually("nothing is accepted", () -> Product.listens(port), listens -> !listens);

            assertThat(chat.echo("two")).as("as long as requests are answered").isEqualTo(worker);
            Files.createFile(mayAnswer());
            assertThat(chat.awaitClose()).isEqualTo(new LongLived.Closed(1001));
            assertThat(events.rest()).endsWith("data: " + worker + "\n\n\r\n");
            assertThat(get.get(90, TimeUnit.SECONDS)).startsWith("HTTP/1.1 200 ");
        }
        Product.eventually("all is gone", () -> Processes.of(product.home()), List::isEmpty);
    }

    /// The file that requests wait for.
    private Path mayAnswer() {
        return product.work().resolve("may-answer");
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }

    /// All POSTs and slow GETs that workers have taken up.
    private List<String> entries() throws IOException {
        List<String> entries = new ArrayList<>();
        try (var files = Files.list(ledgers)) {
            for (Path file : files.toList()) {
                entries.addAll(Files.readAllLines(file));
            }
        }
        return entries;
    }

    /// Sends that, and all that comes back until the connection ends.
    private static CompletableFuture<String> send(int port, String request) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (var socket = new Socket("127.0.0.1", port)) {
                socket.setSoTimeout(90_000);
                socket.getOutputStream().write(request.getBytes(ISO_8859_1));
                answer.complete(new String(socket.getInputStream().readAllBytes(), ISO_8859_1));
            } catch (IOException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }
}
