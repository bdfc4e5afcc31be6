package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.internal.PlatformDependent;
import io.pm2j.proxy.Listener;
import io.pm2j.proxy.http.Violation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Clients of HTTP/2 that do what they may not.
@Timeout(180)
final class Http2AttacksIT extends Http2Ground {
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
}
