package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.proxy.http.Violation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every reason to refuse a request, over a real socket, with an origin that writes down each byte.
@Timeout(180)
final class RequestSideIT {
    private static final String HOST = "Host: a\r\n";
    private static final String CHUNKED = "POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n";

    private static final StringBuffer heard = new StringBuffer();
    private static ScriptedOrigin origin;
    private static Edge edge;

    record Refused(Violation why, int status, String request) {
        @Override
        public String toString() {
            return why + " "
                    + request.substring(0, Math.min(60, request.length())).strip();
        }
    }

    private static String get(String fields) {
        return "GET / HTTP/1.1\r\n" + fields + "\r\n";
    }

    static List<Refused> refused() {
        return List.of(
                new Refused(Violation.BAD_TARGET, 400, "GET x HTTP/1.1\r\n" + HOST + "\r\n"),
                new Refused(Violation.BAD_TARGET, 400, "GET * HTTP/1.1\r\n" + HOST + "\r\n"),
                new Refused(Violation.BAD_TARGET, 400, "GET /a b HTTP/1.1\r\n" + HOST + "\r\n"),
                new Refused(Violation.BAD_TARGET, 400, "GET /\u00e9 HTTP/1.1\r\n" + HOST + "\r\n"),
                new Refused(Violation.FRAGMENT, 400, "GET /a#b HTTP/1.1\r\n" + HOST + "\r\n"),
                new Refused(Violation.BAD_REQUEST_LINE, 400, "GET /\r\n" + HOST + "\r\n"),
                new Refused(Violation.BAD_REQUEST_LINE, 400, "GET / HTTP/1.1 \r\n" + HOST + "\r\n"),
                new Refused(Violation.BAD_VERSION, 505, "GET / HTTP/2.0\r\n" + HOST + "\r\n"),
                new Refused(Violation.BAD_VERSION, 505, "GET / HTTP/1.2\r\n" + HOST + "\r\n"),
                new Refused(
                        Violation.TARGET_TOO_LONG, 414, "GET /" + "a".repeat(20_000) + " HTTP/1.1\r\n" + HOST + "\r\n"),
                new Refused(Violation.HEAD_TOO_LARGE, 431, get(HOST + "A: " + "a".repeat(40_000) + "\r\n")),
                new Refused(Violation.TOO_MANY_FIELDS, 431, get(HOST + "A: a\r\n".repeat(101))),
                new Refused(Violation.METHOD_NOT_ALLOWED, 405, "CONNECT a:1 HTTP/1.1\r\n" + HOST + "\r\n"),
                new Refused(Violation.METHOD_NOT_ALLOWED, 405, "TRACE / HTTP/1.1\r\n" + HOST + "\r\n"),
                new Refused(Violation.BARE_LINE_END, 400, "GET / HTTP/1.1\n" + HOST + "\r\n"),
                new Refused(Violation.BARE_LINE_END, 400, get("Host: a\n")),
                new Refused(Violation.BARE_LINE_END, 400, get(HOST + "A: b\rC: d\r\n")),
                new Refused(Violation.FOLDED_LINE, 400, get(HOST + "A: b\r\n c\r\n")),
                new Refused(Violation.FOLDED_LINE, 400, get(" A: b\r\n" + HOST)),
                new Refused(Violation.BAD_FIELD_NAME, 400, get(HOST + "A : b\r\n")),
                new Refused(Violation.BAD_FIELD_NAME, 400, get(HOST + ": b\r\n")),
                new Refused(Violation.BAD_FIELD_VALUE, 400, get(HOST + "A: b\0c\r\n")),
                new Refused(Violation.BAD_CONTENT_LENGTH, 400, get(HOST + "Content-Length: +1\r\n") + "x"),
                new Refused(Violation.BAD_CONTENT_LENGTH, 400, get(HOST + "Content-Length: 0x1\r\n") + "x"),
                new Refused(
                        Violation.REPEATED_CONTENT_LENGTH,
                        400,
                        get(HOST + "Content-Length: 1\r\nContent-Length: 1\r\n") + "x"),
                new Refused(
                        Violation.LENGTH_AND_ENCODING,
                        400,
                        get(HOST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n"),
                new Refused(
                        Violation.BAD_TRANSFER_ENCODING,
                        400,
                        get(HOST + "Transfer-Encoding: identity\r\n") + "0\r\n\r\n"),
                new Refused(
                        Violation.BAD_TRANSFER_ENCODING,
                        400,
                        get(HOST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n"),
                new Refused(
                        Violation.BAD_TRANSFER_ENCODING,
                        400,
                        get(HOST + "Transfer-Encoding: xchunked\r\n") + "0\r\n\r\n"),
                new Refused(
                        Violation.ENCODING_IN_HTTP_10,
                        400,
                        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                new Refused(Violation.NO_HOST, 400, get("A: b\r\n")),
                new Refused(Violation.REPEATED_HOST, 400, get(HOST + HOST)),
                new Refused(Violation.BAD_HOST, 400, get("Host: a/b\r\n")),
                new Refused(Violation.BAD_HOST, 400, "GET http:///x HTTP/1.1\r\n" + HOST + "\r\n"),
                new Refused(Violation.UNKNOWN_EXPECTATION, 417, get(HOST + "Expect: 200-ok\r\n")),
                new Refused(Violation.BAD_CHUNK_SIZE, 400, CHUNKED + "x\r\n"),
                new Refused(Violation.BAD_CHUNK_SIZE, 400, CHUNKED + "fffffffffffffffff\r\n"),
                new Refused(Violation.CHUNK_EXTENSION, 400, CHUNKED + "1;a=\r\nx\r\n0\r\n\r\n"),
                new Refused(Violation.BAD_CHUNK_END, 400, CHUNKED + "1\r\nxy\r\n0\r\n\r\n"),
                new Refused(Violation.BAD_TRAILER, 400, CHUNKED + "0\r\nA b\r\n\r\n"));
    }

    @BeforeAll
    static void start() throws Exception {
        origin = new ScriptedOrigin((in, out) -> {
            StringBuilder head = new StringBuilder();
            for (int c = in.read(); c >= 0; c = in.read()) {
                heard.append((char) c);
                head.append((char) c);
                if (head.toString().endsWith("\r\n\r\n")) {
                    head.setLength(0);
                    out.write(ScriptedOrigin.response("200 OK", new byte[] {'k'}));
                }
            }
        });
        edge = Edge.relaying(origin.endpoint(1));
    }

    @AfterAll
    static void stop() throws IOException {
        edge.close();
        origin.close();
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refusesAndNeverTellsTheOrigin(Refused one) throws Exception {
        heard.setLength(0);
        long before = edge.proxy.counters().refused(one.why);
        // What is pipelined after a refused request is never looked at.
        String all = edge.askToTheEnd(one.request + Edge.GET + Edge.GET);
        assertThat(all)
                .startsWith("HTTP/1.1 " + one.status + " ")
                .containsOnlyOnce("Connection: close\r\n")
                .endsWith("\r\n\r\n" + one.why.sentence() + "\n")
                .containsOnlyOnce("\r\nDate: ");
        assertThat(edge.proxy.counters().refused(one.why)).isEqualTo(before + 1);
        assertThat(heard).isEmpty();
    }

    @Test
    void knowsEveryReason() {
        Set<Violation> elsewhere = EnumSet.of(
                // in tests of their own: here, for TLS, HTTP/2, for static sites, and where there are routes
                Violation.NOT_TLS,
                Violation.MISDIRECTED,
                Violation.MALFORMED_STREAM,
                Violation.BAD_FRAMES,
                Violation.TOO_MUCH_ADO,
                Violation.BAD_METHOD,
                Violation.HEAD_TIMEOUT,
                Violation.BODY_TIMEOUT,
                Violation.BODY_TOO_LARGE,
                Violation.NOT_A_PATH,
                Violation.BAD_PATH_ENCODING,
                Violation.DOT_SEGMENT,
                Violation.AMBIGUOUS_PATH);
        Set<Violation> known = Stream.concat(refused().stream().map(Refused::why), elsewhere.stream())
                .collect(Collectors.toSet());
        assertThat(known)
                .containsAll(Arrays.stream(Violation.values())
                        .filter(v -> v.status() != 502)
                        .toList());
    }

    @Test
    void refusesABadMethodOnAConnectionKnownToSpeakHttp() throws Exception {
        heard.setLength(0);
        try (Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            int said = heard.length();
            client.say("{GET / HTTP/1.1\r\n" + HOST + "\r\n" + Edge.GET);
            assertThat(client.rest()).startsWith("HTTP/1.1 400 ").endsWith(Violation.BAD_METHOD.sentence() + "\n");
            assertThat(heard).hasSize(said);
        }
    }

    @Test
    void answersWhatCameBeforeARefusedRequest() throws Exception {
        String all = edge.askToTheEnd(Edge.GET + Edge.GET + get("") + Edge.GET);
        assertThat(all).containsSubsequence("HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 400 ");
        assertThat(all.split("HTTP/1.1 ", -1)).hasSize(4);
    }

    @Test
    void explainsARefusalAlsoAfterAHeadRequest() throws Exception {
        String head = Edge.GET.replace("GET", "HEAD");
        try (ScriptedOrigin silent = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    out.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                });
                Edge own = Edge.relaying(silent.endpoint(1))) {
            String all = own.askToTheEnd(head + "GET / HTTP/2.0\r\n\r\n");
            assertThat(all).endsWith("\r\n\r\n" + Violation.BAD_VERSION.sentence() + "\n");
        }
    }

    @Test
    void refusesAChunkThatTurnsBadAfterTheHeadWasPassedOn() throws Exception {
        heard.setLength(0);
        try (Edge.Client client = edge.connect()) {
            // The answer of this origin comes with the head, so the response is already under way.
            client.say("PUT / HTTP/1.1\r\n" + HOST + "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe");
            Edge.await(() -> heard.toString().endsWith("he"));
            client.say("lloEVIL");
            assertThat(client.rest()).startsWith("HTTP/1.1 ").contains("Connection: close\r\n");
            assertThat(heard.toString()).doesNotContain("EVIL");
        }
    }

    @Test
    void answersAllOfAPipelineWhenEachAnswerIsMadeHereAtOnce() throws Exception {
        CompletableFuture<Void> arrived = new CompletableFuture<>();
        CompletableFuture<Void> released = new CompletableFuture<>();
        ProxyOptions noQueue = ProxyOptions.defaults().withHold(Duration.ofSeconds(5), 0);
        try (ScriptedOrigin slow = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    arrived.complete(null);
                    released.join();
                    out.write(ScriptedOrigin.response("200 OK", new byte[] {'k'}));
                });
                Edge own = Edge.relaying(noQueue, slow.endpoint(1));
                Edge.Client client = own.connect()) {
            client.say(Edge.GET.repeat(4));
            client.socket.shutdownOutput();
            arrived.join();
            own.app.admit(Set.of());
            released.complete(null);
            String all = client.rest();
            assertThat(all.split("HTTP/1.1 503 ", -1)).hasSize(4);
            assertThat(all).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void answers408WhenAHeadTakesTooLong() throws Exception {
        ProxyOptions hasty = ProxyOptions.defaults()
                .withClientTimeouts(Duration.ofSeconds(20), Duration.ofMillis(400), Duration.ofSeconds(5));
        try (Edge own = Edge.relaying(hasty, origin.endpoint(1));
                Edge.Client client = own.connect()) {
            client.say(Edge.GET);
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            heard.setLength(0);
            client.say("GET / HTTP/1.1\r\nHost: a\r\n");
            assertThat(client.rest())
                    .startsWith("HTTP/1.1 408 ")
                    .contains("Connection: close\r\n")
                    .endsWith(Violation.HEAD_TIMEOUT.sentence() + "\n");
            assertThat(heard).isEmpty();
        }
    }

    @Test
    void givesAHeadItsTimeFromItsFirstByteOn() throws Exception {
        ProxyOptions hasty = ProxyOptions.defaults()
                .withClientTimeouts(Duration.ofSeconds(20), Duration.ofMillis(400), Duration.ofSeconds(5));
        try (Edge own = Edge.relaying(hasty, origin.endpoint(1));
                Edge.Client client = own.connect()) {
            client.say("GET / HTTP/1.1\r\nHost: a\r\n");
            // A byte now and then does not buy more time.
            while (own.proxy.counters().refused(Violation.HEAD_TIMEOUT) == 0 && client.in.available() == 0) {
                client.say("A: b\r\n");
                java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
            }
            assertThat(client.rest()).startsWith("HTTP/1.1 408 ");
        }
    }

    @Test
    void closesAClientThatSaysNothingWithoutAWord() throws Exception {
        ProxyOptions hasty = ProxyOptions.defaults()
                .withClientTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(5), Duration.ofSeconds(5));
        try (Edge own = Edge.relaying(hasty, origin.endpoint(1));
                Edge.Client silent = own.connect();
                Edge.Client idle = own.connect()) {
            idle.say(Edge.GET);
            assertThat(idle.response()).startsWith("HTTP/1.1 200 ");
            assertThat(idle.rest()).isEmpty();
            assertThat(silent.rest()).isEmpty();
        }
    }
}
