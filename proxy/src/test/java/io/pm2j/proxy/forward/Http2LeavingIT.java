package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Settings;
import io.pm2j.proxy.Listener;
import io.pm2j.proxy.Standstill;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How connections of HTTP/2 end.
@Timeout(180)
final class Http2LeavingIT extends Http2Ground {
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
            try (Http2Peer client = new Http2Peer(port(listener), Http2Settings.defaultSettings(), false)) {
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
            try (Http2Peer client = new Http2Peer(port(listener), Http2Settings.defaultSettings(), false)) {
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
