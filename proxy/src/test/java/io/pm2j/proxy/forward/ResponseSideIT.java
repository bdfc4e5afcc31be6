package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.proxy.http.Violation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the relay makes of what origins say.
@Timeout(180)
final class ResponseSideIT {
    private static final String HEAD = Edge.GET.replace("GET", "HEAD");

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /// Answers each request of a connection with the next of `responses`, then ends it.
    private static ScriptedOrigin saying(String... responses) throws IOException {
        return new ScriptedOrigin((in, out) -> {
            for (String response : responses) {
                if (ScriptedOrigin.readHead(in).isEmpty()) {
                    return;
                }
                out.write(bytes(response));
            }
        });
    }

    /// Like `saying`, but stays open after the last response until the proxy closes.
    private static ScriptedOrigin repeating(String response) throws IOException {
        return new ScriptedOrigin((in, out) -> {
            while (!ScriptedOrigin.readHead(in).isEmpty()) {
                out.write(bytes(response));
            }
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    BAD_STATUS_LINE         | HTTP/2.0 200 OK~~
                    BAD_STATUS_LINE         | HTTP/1.1 20 OK~~
                    BAD_STATUS_LINE         | ICY 200 OK~~
                    BAD_STATUS_LINE         | HTTP/1.1  200 OK~~
                    BODY_NOT_ALLOWED        | HTTP/1.1 204 No Content~Content-Length: 3~~abc
                    BODY_NOT_ALLOWED        | HTTP/1.1 204 No Content~Transfer-Encoding: chunked~~0~~
                    BODY_NOT_ALLOWED        | HTTP/1.1 103 Early Hints~Content-Length: 1~~x
                    UNASKED_SWITCH          | HTTP/1.1 101 Switching Protocols~Connection: upgrade~Upgrade: x~~
                    REPEATED_CONTENT_LENGTH | HTTP/1.1 200 OK~Content-Length: 3~Content-Length: 3~~abc
                    REPEATED_CONTENT_LENGTH | HTTP/1.1 200 OK~Content-Length: 3~Content-Length: 4~~abc
                    BAD_CONTENT_LENGTH      | HTTP/1.1 200 OK~Content-Length: 3, 3~~abc
                    BAD_CONTENT_LENGTH      | HTTP/1.1 200 OK~Content-Length: -1~~
                    BAD_CONTENT_LENGTH      | HTTP/1.1 200 OK~Content-Length:~~
                    LENGTH_AND_ENCODING     | HTTP/1.1 200 OK~Content-Length: 3~Transfer-Encoding: chunked~~0~~
                    BAD_TRANSFER_ENCODING   | HTTP/1.1 200 OK~Transfer-Encoding: gzip, chunked~~0~~
                    ENCODING_IN_HTTP_10     | HTTP/1.0 200 OK~Transfer-Encoding: chunked~~0~~
                    FOLDED_LINE             | HTTP/1.1 200 OK~A: b~ c~~
                    BARE_LINE_END           | HTTP/1.1 200 OK~A: b^Set-Cookie: c~~
                    """)
    void answers502ToWhatIsNotHttp(Violation why, String response) throws Exception {
        try (ScriptedOrigin origin = repeating(response.replace("~", "\r\n").replace("^", "\n"));
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            assertThat(client.response())
                    .startsWith("HTTP/1.1 502 ")
                    .contains("Proxy-Status: pm2j; error=http_protocol_error\r\n")
                    .doesNotContain("Connection: close");
            assertThat(edge.proxy.counters().refused(why)).isEqualTo(1);
            // The client's connection is sound, the origin's is not.
            client.say(Edge.GET);
            assertThat(client.response()).startsWith("HTTP/1.1 502 ");
            assertThat(origin.accepted.get()).isGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void refusesAHeadThatIsTooLarge() throws Exception {
        try (ScriptedOrigin origin = repeating("HTTP/1.1 200 OK\r\nA: " + "a".repeat(40_000) + "\r\n\r\n");
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            assertThat(edge.ask(Edge.GET)).startsWith("HTTP/1.1 502 ");
        }
    }

    @Test
    void refusesAnEndlessRowOfInterimResponses() throws Exception {
        String interim = "HTTP/1.1 102 Processing\r\n\r\n";
        try (ScriptedOrigin origin = repeating(interim.repeat(11) + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            for (int i = 0; i < 10; i++) {
                assertThat(client.head()).startsWith("HTTP/1.1 102 ");
            }
            assertThat(client.response()).startsWith("HTTP/1.1 502 ");
            assertThat(edge.proxy.counters().refused(Violation.TOO_MANY_INTERIM))
                    .isEqualTo(1);
        }
    }

    @Test
    void passesInterimResponsesOn() throws Exception {
        String hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";
        try (ScriptedOrigin origin = repeating(hints + hints + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            assertThat(client.head()).isEqualTo(hints);
            assertThat(client.head()).isEqualTo(hints);
            assertThat(client.response()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("ok");
        }
    }

    @Test
    void keepsInterimResponsesFromClientsOfHttp10() throws Exception {
        try (ScriptedOrigin origin = repeating("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\nok");
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say("GET / HTTP/1.0\r\nConnection: close\r\n\r\n");
            assertThat(client.head()).startsWith("HTTP/1.1 200 OK\r\n");
        }
    }

    @Test
    void handsExpectContinueThroughBothWays() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    assertThat(ScriptedOrigin.readHead(in)).contains("Expect: 100-continue\r\n");
                    out.write(bytes("HTTP/1.1 100 Continue\r\n\r\n"));
                    out.write(ScriptedOrigin.response("200 OK", in.readNBytes(5)));
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
            assertThat(client.head()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            client.say("hello");
            assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("hello");
        }
    }

    @Test
    void closesAfterAnExpectationThatWasAnsweredFinally() throws Exception {
        try (ScriptedOrigin origin = repeating("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            String all =
                    edge.askToTheEnd("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
            assertThat(all).startsWith("HTTP/1.1 413 ").contains("Connection: close\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void deliversAnEarlyResponseDuringAnUpload(boolean originCloses) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    out.write(bytes("HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nstop"));
                    try {
                        while (!originCloses && in.read() >= 0) {
                            // as much of the upload as was under way
                        }
                    } finally {
                        over.countDown();
                    }
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n");
            String piece = "p".repeat(100_000);
            for (int i = 0; i < 20; i++) {
                client.say(piece);
            }
            assertThat(client.rest())
                    .startsWith("HTTP/1.1 403 ")
                    .contains("Connection: close\r\n")
                    .endsWith("stop");
            assertThat(over.await(60, TimeUnit.SECONDS))
                    .as("the origin is not left waiting for the rest")
                    .isTrue();
        }
    }

    @Test
    void neverReusesAConnectionWithSurplusBytes() throws Exception {
        String surplus =
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
        try (ScriptedOrigin origin = repeating(surplus);
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            for (int i = 0; i < 5; i++) {
                client.say(Edge.GET);
                assertThat(client.response()).endsWith("\r\n\r\nok");
            }
            assertThat(origin.accepted.get()).isGreaterThanOrEqualTo(5);
        }
    }

    @Test
    void neverReusesAConnectionThatSpeaksWhileIdle() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    out.write(ScriptedOrigin.response("200 OK", bytes("ok")));
                    out.flush();
                    out.write(bytes("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"));
                    ScriptedOrigin.readHead(in);
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            assertThat(client.response()).endsWith("ok");
            Edge.await(() -> origin.openConnections() == 0);
            client.say(Edge.GET);
            assertThat(client.response()).endsWith("ok");
        }
    }

    @Test
    void readsUntilTheOriginClosesAndThenClosesToo() throws Exception {
        try (ScriptedOrigin origin = saying("HTTP/1.1 200 OK\r\n\r\nall of it");
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            assertThat(edge.askToTheEnd(Edge.GET))
                    .contains("Connection: close\r\n")
                    .endsWith("\r\n\r\nall of it");
        }
    }

    @Test
    void speaksHttp11ForAnOriginOfHttp10() throws Exception {
        try (ScriptedOrigin origin = saying("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok");
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            for (int i = 0; i < 3; i++) {
                client.say(Edge.GET);
                assertThat(client.response()).isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        }
    }

    @Test
    void knowsTheResponsesWithoutABody() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    for (String head = ScriptedOrigin.readHead(in); !head.isEmpty(); ) {
                        String status =
                                head.startsWith("HEAD") ? "200 OK" : head.contains("/204") ? "204 No" : "304 No";
                        String length = status.startsWith("204") ? "" : "Content-Length: 77\r\n";
                        out.write(bytes("HTTP/1.1 " + status + "\r\n" + length + "\r\n"));
                        head = ScriptedOrigin.readHead(in);
                    }
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            for (int i = 0; i < 3; i++) {
                client.say(HEAD + Edge.GET.replace("/x", "/204") + Edge.GET.replace("/x", "/304"));
                assertThat(client.head()).isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n");
                assertThat(client.head()).isEqualTo("HTTP/1.1 204 No\r\n\r\n");
                assertThat(client.head()).isEqualTo("HTTP/1.1 304 No\r\nContent-Length: 77\r\n\r\n");
            }
            assertThat(origin.accepted.get()).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void r11EndsAChunkedResponseThatWasCutOffWithoutItsLastChunk() throws Exception {
        try (ScriptedOrigin origin = saying("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            assertThat(edge.askToTheEnd(Edge.GET)).endsWith("\r\n\r\n3\r\nabc\r\n");
            assertThat(edge.count(Count.UPSTREAM_ABORTS)).isEqualTo(1);
        }
    }

    @Test
    void breaksOffAChunkedResponseThatTurnsBad() throws Exception {
        try (ScriptedOrigin origin =
                        repeating("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n0\r\n\r\n");
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            assertThatThrownBy(client::rest).isInstanceOf(IOException.class);
            assertThat(edge.proxy.counters().refused(Violation.BAD_CHUNK_SIZE)).isEqualTo(1);
        }
    }

    @Test
    void answers502WhenTheHeadItselfIsCutOff() throws Exception {
        try (ScriptedOrigin origin = saying("HTTP/1.1 200 OK\r\nContent-");
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            assertThat(edge.ask(Edge.GET)).startsWith("HTTP/1.1 502 ");
        }
    }

    @Test
    void doesNotAnswerAHeadRequestWithABody() throws Exception {
        try (ScriptedOrigin origin = saying("nonsense");
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(HEAD + HEAD);
            assertThat(client.head()).startsWith("HTTP/1.1 502 ");
            assertThat(client.head()).startsWith("HTTP/1.1 502 ");
        }
    }
}
