package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.proxy.files.SiteOptions;
import io.pm2j.proxy.files.StaticSite;
import io.pm2j.proxy.http.Violation;
import io.pm2j.proxy.upstream.Drained;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// Each deadline of the data path with a limit of its own, and who must not be cut by it.
@Timeout(180)
@Execution(ExecutionMode.CONCURRENT)
final class DeadlineIT {
    private static final Duration SHORT = Duration.ofMillis(300);
    /// Where the test itself must be quicker than the limit, on a busy machine too.
    private static final Duration MEDIUM = Duration.ofSeconds(2);

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int MIB = 1024 * 1024;

    private static ProxyOptions options() {
        return ProxyOptions.defaults();
    }

    private static ProxyOptions response(Duration limit) {
        return options().withUpstreamTimeouts(Duration.ofSeconds(4), Duration.ofSeconds(5), limit);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String post(int length) {
        return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n";
    }

    /// What a client does that takes its time; correctness does not rest on how exact this is.
    private static void pause(long ms) {
        LockSupport.parkNanos(ms * 1_000_000);
    }

    private static ScriptedOrigin silent() throws IOException {
        return new ScriptedOrigin((in, out) -> in.transferTo(java.io.OutputStream.nullOutputStream()));
    }

    /// Reads bodies framed by Content-Length and tells their length.
    private static ScriptedOrigin counting(CountDownLatch mayRead) throws IOException {
        return new ScriptedOrigin((in, out) -> {
            for (String head = ScriptedOrigin.readHead(in); !head.isEmpty(); head = ScriptedOrigin.readHead(in)) {
                awaitQuietly(mayRead);
                int at = head.indexOf("Content-Length: ") + 16;
                int length = Integer.parseInt(head.substring(at, head.indexOf('\r', at)));
                in.skipNBytes(length);
                out.write(ScriptedOrigin.response("200 OK", ascii("read " + length)));
            }
        });
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void assertFree(Edge edge, ScriptedOrigin origin) throws InterruptedException {
        Edge.await(() -> origin.accepted.get() > 0 && origin.openConnections() == 0);
        edge.app.admit(Set.of());
        assertThat(edge.app.awaitIdle(1, Duration.ofSeconds(60))).isInstanceOf(Drained.Idle.class);
    }

    // ---- heads -----------------------------------------------------------------------------------

    @Test
    void answers408ToTheBeginningOfAMethodOnAFreshConnection() throws Exception {
        ProxyOptions hasty = options().withClientTimeouts(LONG, MEDIUM, LONG);
        try (ScriptedOrigin origin = silent();
                Edge edge = Edge.relaying(hasty, origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            for (String letter : "OPTION".split("")) {
                client.say(letter);
                pause(20);
            }
            assertThat(client.rest()).startsWith("HTTP/1.1 408 ").contains("Connection: close\r\n");
            assertThat(edge.count(Count.HEAD_TIMEOUTS)).isOne();
        }
    }

    @Test
    void doesNotTakeAnEmptyLineForABegunRequest() throws Exception {
        ProxyOptions hasty = options().withClientTimeouts(MEDIUM, LONG, LONG);
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(hasty, origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET + "\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            assertThat(client.rest()).isEmpty();
            assertThat(edge.count(Count.IDLE_CLIENTS_CLOSED)).isOne();
        }
    }

    @Test
    void doesNotCountTheTimeOfAnAnswerAgainstTheHeadBehindIt() throws Exception {
        ProxyOptions hasty = options().withClientTimeouts(LONG, MEDIUM, LONG);
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    while (!ScriptedOrigin.readHead(in).isEmpty()) {
                        pause(3_000);
                        out.write(ScriptedOrigin.response("200 OK", ascii("late")));
                    }
                });
                Edge edge = Edge.relaying(hasty, origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET + "GET /next HT");
            assertThat(client.response()).endsWith("late");
            client.say("TP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.response()).endsWith("late");
            assertThat(edge.count(Count.HEAD_TIMEOUTS)).isZero();
        }
    }

    // ---- request bodies --------------------------------------------------------------------------

    @Test
    void answers408WhenABodyComesTooSlowly() throws Exception {
        ProxyOptions hasty = options().withBodyRate(1_000, SHORT);
        try (ScriptedOrigin origin = silent();
                Edge edge = Edge.relaying(hasty, origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(post(1_000));
            while (edge.count(Count.BODY_TIMEOUTS) == 0) {
                client.say("x");
                pause(50);
            }
            assertThat(client.rest())
                    .startsWith("HTTP/1.1 408 ")
                    .contains("Connection: close\r\n")
                    .endsWith("\r\n\r\n" + Violation.BODY_TIMEOUT.sentence() + "\n");
            assertFree(edge, origin);
        }
    }

    @Test
    void answers408WhenAChunkedBodyStops() throws Exception {
        ProxyOptions hasty = options().withBodyRate(10, SHORT);
        try (ScriptedOrigin origin = silent();
                Edge edge = Edge.relaying(hasty, origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            assertThat(client.rest()).startsWith("HTTP/1.1 408 ");
            assertFree(edge, origin);
        }
    }

    @Test
    void leavesASlowButSteadyUploadAlone() throws Exception {
        ProxyOptions hasty = options().withBodyRate(50, Duration.ofSeconds(1));
        try (ScriptedOrigin origin = counting(new CountDownLatch(0));
                Edge edge = Edge.relaying(hasty, origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            int pieces = 30;
            // What is sent at once buys the time for the rest.
            client.say(post(pieces * 50) + "x".repeat(50));
            for (int i = 1; i < pieces; i++) {
                client.say("x".repeat(50));
                pause(100);
            }
            assertThat(client.response()).endsWith("read 1500");
        }
    }

    @Test
    void doesNotBlameAClientThatIsHeldBack() throws Exception {
        ProxyOptions hasty = options().withBodyRate(1024, MEDIUM);
        CountDownLatch mayRead = new CountDownLatch(1);
        try (ScriptedOrigin origin = counting(mayRead);
                Edge edge = Edge.relaying(hasty, origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            int length = 32 * MIB;
            Thread writing = Thread.ofVirtual().start(() -> {
                try {
                    client.say(post(length) + "x".repeat(MIB));
                    client.socket.getOutputStream().write(new byte[length - MIB]);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            // More than two graces in which not a byte can move.
            pause(5_000);
            mayRead.countDown();
            assertThat(client.response()).endsWith("read " + length);
            writing.join();
            assertThat(edge.count(Count.BODY_TIMEOUTS)).isZero();
        }
    }

    @Test
    void doesNotBlameAClientThatWaitsToBeInvited() throws Exception {
        ProxyOptions hasty = options().withBodyRate(1_000, MEDIUM);
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    pause(3_000);
                    out.write(ascii("HTTP/1.1 100 Continue\r\n\r\n"));
                    in.skipNBytes(5);
                    out.write(ScriptedOrigin.response("200 OK", ascii("thanks")));
                });
                Edge edge = Edge.relaying(hasty, origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
            assertThat(client.head()).startsWith("HTTP/1.1 100 ");
            client.say("hello");
            assertThat(client.response()).endsWith("thanks");
        }
    }

    // ---- responses -------------------------------------------------------------------------------

    @Test
    void answers504AndKeepsTheClientWhenTheWorkerIsSilent() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    while (!ScriptedOrigin.readHead(in).contains("/silent")) {
                        out.write(ScriptedOrigin.response("200 OK", ascii("here")));
                    }
                    in.transferTo(java.io.OutputStream.nullOutputStream());
                });
                Edge edge = Edge.relaying(response(MEDIUM), origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET.replace("/x", "/silent"));
            assertThat(client.response())
                    .startsWith("HTTP/1.1 504 Gateway Timeout\r\n")
                    .contains("Proxy-Status: pm2j; error=http_response_timeout\r\n")
                    .doesNotContain("Connection: close");
            assertThat(edge.count(Count.RESPONSE_TIMEOUTS)).isOne();
            assertThat(edge.count(Count.RETRIES)).isZero();
            Edge.await(() -> origin.openConnections() == 0);
            client.say(Edge.GET);
            assertThat(client.response()).endsWith("here");
        }
    }

    @Test
    void leavesALongPollAloneUntilItsLimit() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    pause(1_500);
                    out.write(ScriptedOrigin.response("200 OK", ascii("news")));
                });
                Edge edge = Edge.relaying(response(LONG), origin.endpoint(1))) {
            assertThat(edge.ask(Edge.GET)).endsWith("news");
        }
    }

    @Test
    void leavesAWorkerAloneThatSendsALittleNowAndThen() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n"));
                    for (int i = 0; i < 30; i++) {
                        out.write('.');
                        pause(100);
                    }
                });
                Edge edge = Edge.relaying(response(MEDIUM), origin.endpoint(1))) {
            assertThat(edge.ask(Edge.GET)).endsWith(".".repeat(30));
        }
    }

    @Test
    void showsThatAResponseHasStopped() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nhalf"));
                    in.transferTo(java.io.OutputStream.nullOutputStream());
                });
                Edge edge = Edge.relaying(response(MEDIUM), origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            assertThat(client.rest()).endsWith("\r\n\r\nhalf");
            assertThat(edge.count(Count.RESPONSE_TIMEOUTS)).isOne();
            assertFree(edge, origin);
        }
    }

    @Test
    void answers504WhenTheWorkerTakesNothingOfABody() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (ScriptedOrigin origin = counting(never);
                Edge edge = Edge.relaying(response(SHORT), origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            Thread writing = Thread.ofVirtual().start(() -> {
                try {
                    client.say(post(64 * MIB));
                    client.socket.getOutputStream().write(new byte[64 * MIB]);
                } catch (IOException refused) {
                    // The proxy answers and reads no further.
                }
            });
            assertThat(client.response()).startsWith("HTTP/1.1 504 ").contains("Connection: close\r\n");
            writing.join();
            assertThat(edge.count(Count.BODY_TIMEOUTS)).isZero();
            never.countDown();
        }
    }

    @Test
    void answers504WhenAWorkerDoesNotTakeTheConnection() throws Exception {
        List<Socket> filling = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            fill(full, filling);
            ProxyOptions hasty = options().withUpstreamTimeouts(SHORT, SHORT, LONG);
            try (Edge edge = Edge.relaying(hasty, ScriptedOrigin.at(1, full.getLocalPort()))) {
                assertThat(edge.ask(Edge.GET))
                        .startsWith("HTTP/1.1 504 ")
                        .contains("Proxy-Status: pm2j; error=connection_timeout\r\n");
                assertThat(edge.count(Count.CONNECT_TIMEOUTS)).isGreaterThanOrEqualTo(3);
            }
        } finally {
            for (Socket socket : filling) {
                socket.close();
            }
        }
    }

    /// Connects until the queue of a server that never accepts is full.
    private static void fill(ServerSocket full, List<Socket> filling) throws IOException {
        for (; ; ) {
            Socket socket = new Socket();
            filling.add(socket);
            try {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), full.getLocalPort()), 200);
            } catch (SocketTimeoutException e) {
                return;
            }
        }
    }

    // ---- writing to the client -------------------------------------------------------------------

    private static ScriptedOrigin sending(int bytes) throws IOException {
        return new ScriptedOrigin((in, out) -> {
            ScriptedOrigin.readHead(in);
            out.write(ScriptedOrigin.response("200 OK", new byte[bytes]));
            in.transferTo(java.io.OutputStream.nullOutputStream());
        });
    }

    @Test
    void givesUpOnAClientThatTakesNothing() throws Exception {
        try (ScriptedOrigin origin = sending(64 * MIB);
                Edge edge = Edge.relaying(options().withClientWrite(Duration.ofMillis(600)), origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            assertFree(edge, origin);
            assertThat(edge.count(Count.WRITE_TIMEOUTS)).isOne();
            Edge.await(() -> edge.proxy.counters().openConnections() == 0);
            assertThatThrownBy(client::rest).isInstanceOf(IOException.class);
        }
    }

    @Test
    void givesUpOnAClientThatTakesNothingOfAFile(@TempDir Path dir) throws Exception {
        Files.write(dir.resolve("large.bin"), new byte[32 * MIB]);
        StaticSite site = StaticSite.open(dir, SiteOptions.defaults());
        try (Edge edge = Edge.serving(options().withClientWrite(Duration.ofMillis(600)), site);
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET.replace("/x", "/large.bin"));
            Edge.await(() -> edge.count(Count.WRITE_TIMEOUTS) == 1);
            assertThatThrownBy(client::rest).isInstanceOf(IOException.class);
        }
    }

    @Test
    void blamesAClientThatStopsAfterItsFirstUninvitedBytes() throws Exception {
        try (ScriptedOrigin origin = silent();
                Edge edge = Edge.relaying(options().withBodyRate(1_000, SHORT), origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhi");
            assertThat(client.rest()).startsWith("HTTP/1.1 408 ");
            assertFree(edge, origin);
        }
    }

    @Test
    void leavesASlowButSteadyReaderAlone() throws Exception {
        int length = 12 * MIB;
        try (ScriptedOrigin origin = sending(length);
                Edge edge = Edge.relaying(options().withClientWrite(MEDIUM), origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            client.head();
            int read = 0;
            // Far too little for the kernel to ask for more: only what it sends shows that the client lives.
            for (int i = 0; i < 30; i++) {
                read += client.in.readNBytes(64 * 1024).length;
                pause(100);
            }
            assertThat(client.in.readNBytes(length - read)).hasSize(length - read);
            assertThat(edge.count(Count.WRITE_TIMEOUTS)).isZero();
        }
    }

    // ---- idle, tunnels, totals -------------------------------------------------------------------

    @Test
    void closesPooledConnectionsThatNobodyNeeds() throws Exception {
        ProxyOptions hasty = options().withUpstreamTimeouts(MEDIUM, SHORT, LONG);
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(hasty, origin.endpoint(1))) {
            assertThat(edge.ask(Edge.GET)).startsWith("HTTP/1.1 200 ");
            Edge.await(() -> origin.openConnections() == 0);
            assertThat(edge.count(Count.IDLE_UPSTREAMS_CLOSED)).isPositive();
        }
    }

    @Test
    void closesIdleConnectionsWhenTheListenerCloses() throws Exception {
        CountDownLatch mayAnswer = new CountDownLatch(1);
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    for (String head = ScriptedOrigin.readHead(in); !head.isEmpty(); ) {
                        if (head.contains("/late")) {
                            awaitQuietly(mayAnswer);
                        }
                        out.write(ScriptedOrigin.response("200 OK", ascii("ok")));
                        head = ScriptedOrigin.readHead(in);
                    }
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client idle = edge.connect();
                Edge.Client fresh = edge.connect();
                Edge.Client busy = edge.connect()) {
            idle.say(Edge.GET);
            assertThat(idle.response()).endsWith("ok");
            busy.say(Edge.GET.replace("/x", "/late"));
            Edge.await(() -> edge.count(Count.REQUESTS) == 2);
            edge.listener.close();
            assertThat(idle.rest()).isEmpty();
            assertThat(fresh.rest()).isEmpty();
            mayAnswer.countDown();
            assertThat(busy.rest()).contains("Connection: close\r\n").endsWith("ok");
        }
    }

    private static ScriptedOrigin webSocket() throws IOException {
        return new ScriptedOrigin((in, out) -> {
            ScriptedOrigin.readHead(in);
            out.write(ascii("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"));
            for (int c = in.read(); c >= 0; c = in.read()) {
                out.write(c);
            }
        });
    }

    private static final String UPGRADE =
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

    @Test
    void closesATunnelThroughWhichNothingPasses() throws Exception {
        try (ScriptedOrigin origin = webSocket();
                Edge edge = Edge.relaying(options().withTunnelIdle(MEDIUM), origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(UPGRADE);
            assertThat(client.head()).startsWith("HTTP/1.1 101 ");
            for (int i = 0; i < 25; i++) {
                client.say("a");
                assertThat(client.read(1)).isEqualTo("a");
                pause(100);
            }
            assertThat(edge.count(Count.TUNNEL_TIMEOUTS)).isZero();
            assertThat(client.rest()).isEmpty();
            assertThat(edge.count(Count.TUNNEL_TIMEOUTS)).isOne();
            assertFree(edge, origin);
        }
    }

    @Test
    void leavesAQuietTunnelAloneByDefault() throws Exception {
        ProxyOptions hasty = response(MEDIUM)
                .withClientTimeouts(MEDIUM, MEDIUM, MEDIUM)
                .withClientWrite(MEDIUM)
                .withBodyRate(1_000, MEDIUM);
        try (ScriptedOrigin origin = webSocket();
                Edge edge = Edge.relaying(hasty, origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(UPGRADE);
            assertThat(client.head()).startsWith("HTTP/1.1 101 ");
            pause(4_000);
            client.say("still here");
            assertThat(client.read(10)).isEqualTo("still here");
        }
    }

    @Test
    void endsAnExchangeThatTakesTooLongInAll() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    out.write(ascii("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
                    for (; ; ) {
                        out.write(ascii("1\r\n.\r\n"));
                        pause(50);
                    }
                });
                ScriptedOrigin mute = silent();
                Edge edge = Edge.relaying(options().withExchangeTotal(MEDIUM), origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            assertThatThrownBy(client::rest).isInstanceOf(IOException.class);
            assertFree(edge, origin);
            edge.app.admit(Set.of(mute.endpoint(2)));
            assertThat(edge.ask(Edge.GET)).startsWith("HTTP/1.1 504 ");
            assertThat(edge.count(Count.EXCHANGE_TIMEOUTS)).isEqualTo(2);
        }
    }
}
