package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.pm2j.proxy.files.SiteOptions;
import io.pm2j.proxy.files.StaticSite;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests and responses of clients that speak HTTP/2.
@Timeout(180)
final class Http2IT extends Http2Ground {
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
}
