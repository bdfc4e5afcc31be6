package io.pm2j.proxy.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HeadsTest {
    private static Http2Headers head(String method, String path, String... fields) {
        Http2Headers head = new DefaultHttp2Headers(false);
        head.method(method).scheme("https").authority("a").path(path);
        for (int i = 0; i < fields.length; i += 2) {
            head.add(fields[i], fields[i + 1]);
        }
        return head;
    }

    private static String written(Http2Headers head, boolean ends) {
        ByteBuf out = Unpooled.buffer();
        long length = RequestHeads.write(head, ends, out);
        return length + " " + out.toString(StandardCharsets.ISO_8859_1);
    }

    private static long length(Http2Headers head, boolean ends) {
        return RequestHeads.write(head, ends, Unpooled.buffer());
    }

    @Test
    void aRequestIsWrittenWithItsHostFirst() {
        assertThat(written(head("GET", "/x?y", "accept", "*/*"), true))
                .isEqualTo("0 GET /x?y HTTP/1.1\r\nHost: a\r\naccept: */*\r\n\r\n");
        assertThat(written(head("OPTIONS", "*"), true)).isEqualTo("0 OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(written(new DefaultHttp2Headers(false).method("CONNECT").authority("a:1"), false))
                .startsWith("-1 CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n");
    }

    @Test
    void aBodyThatIsNotMeasuredComesInChunks() {
        assertThat(written(head("POST", "/"), false))
                .isEqualTo("-1 POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        assertThat(written(head("POST", "/", "content-length", "7"), false))
                .isEqualTo("7 POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 7\r\n\r\n");
        assertThat(length(head("POST", "/", "content-length", "0"), true)).isZero();
    }

    @Test
    void crumbsAreOneCookie() {
        assertThat(written(head("GET", "/", "cookie", "a=1", "x", "y", "cookie", "b=2"), true))
                .isEqualTo("0 GET / HTTP/1.1\r\nHost: a\r\nx: y\r\nCookie: a=1; b=2\r\n\r\n");
    }

    @Test
    void theHostIsOneAndTheSame() {
        Http2Headers named =
                new DefaultHttp2Headers(false).method("GET").scheme("https").path("/");
        assertThat(length(named, true)).isEqualTo(RequestHeads.MALFORMED);
        assertThat(written(named.add("host", "b"), true)).isEqualTo("0 GET / HTTP/1.1\r\nHost: b\r\n\r\n");
        assertThat(length(named.add("host", "b"), true)).isEqualTo(RequestHeads.MALFORMED);
        assertThat(written(head("GET", "/", "host", "a"), true)).isEqualTo("0 GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(length(head("GET", "/", "host", "b"), true)).isEqualTo(RequestHeads.MALFORMED);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "connection, close",
                "keep-alive, 1",
                "proxy-connection, close",
                "transfer-encoding, chunked",
                "upgrade, h2c",
                "http2-settings, x",
                "te, gzip",
                "te, `trailers, deflate`",
                "Upper, x",
                "a b, x",
                "a:, x",
                "`a\tb`, x",
                "x, `\u0001`",
                "x, `a\r\nb: c`",
                "x, ` a`",
                "x, `a `",
                "content-length, 5",
                "content-length, -0",
                "content-length, x",
                "content-length, 9999999999999999999",
            })
    void whatHttp2ForbidsIsMalformed(String name, String value) {
        assertThat(length(head("GET", "/", name, value), true)).isEqualTo(RequestHeads.MALFORMED);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "GET, ``",
                "GET, x",
                "GET, http://b/",
                "GET, `/ `",
                "GET, `/\u007f`",
                "``, /",
                "G T, /",
                "CONNECT, /"
            })
    void aRequestLineCannotBeMadeOfAnything(String method, String path) {
        assertThat(length(head(method, path), true)).isEqualTo(RequestHeads.MALFORMED);
    }

    @Test
    void aPseudoFieldComesOnceAndIsKnown() {
        assertThat(length(head("GET", "/").add(":path", "/"), true)).isEqualTo(RequestHeads.MALFORMED);
        assertThat(length(head("GET", "/").add(":protocol", "websocket"), true)).isEqualTo(RequestHeads.MALFORMED);
        Http2Headers schemeless =
                new DefaultHttp2Headers(false).method("GET").authority("a").path("/");
        assertThat(length(schemeless, true)).isEqualTo(RequestHeads.MALFORMED);
        assertThat(RequestHeads.isTrailer(new DefaultHttp2Headers(false).add("x-sum", "1")))
                .isTrue();
        assertThat(RequestHeads.isTrailer(new DefaultHttp2Headers(false).add(":path", "/")))
                .isFalse();
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    @Test
    void aResponseLosesWhatConcernsItsConnection() {
        ByteBuf in = bytes("HTTP/1.1 200 Fine\r\nDate: now\r\nConnection: close\r\nKeep-Alive: timeout=5\r\n"
                + "X-Padded: \t a b \r\nSet-Cookie: a\r\nset-cookie: b\r\nEmpty:\r\n\r\nbody");
        ResponseHeads.Head head = ResponseHeads.read(in);

        assertThat(head.fields().toString())
                .isEqualTo("DefaultHttp2Headers[:status: 200, date: now, x-padded: a b, set-cookie: a, set-cookie: b,"
                        + " empty: ]");
        assertThat(head.chunked()).isFalse();
        assertThat(head.interim()).isFalse();
        assertThat(in.toString(StandardCharsets.ISO_8859_1)).isEqualTo("body");
    }

    @Test
    void framingAndInterimAreTold() {
        assertThat(ResponseHeads.read(bytes("HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n"))
                        .chunked())
                .isTrue();
        assertThat(ResponseHeads.read(bytes("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"))
                        .interim())
                .isTrue();
        assertThatThrownBy(() -> ResponseHeads.read(bytes("HTTP/1.1 200 OK\r\nDate: now")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /// However it is cut.
    @Test
    void chunksAreTakenOutOfTheirFraming() {
        String body = "3\r\nabc\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n";
        for (int first = 0; first <= body.length(); first++) {
            for (int second = first; second <= body.length(); second++) {
                ChunkedBody chunks = new ChunkedBody();
                String data = taken(chunks, body.substring(0, first))
                        + taken(chunks, body.substring(first, second))
                        + taken(chunks, body.substring(second));
                assertThat(data).isEqualTo("abcabcdefghijklmnopqrstuvwxyz");
            }
        }
    }

    private static String taken(ChunkedBody chunks, String text) {
        ByteBuf in = bytes(text);
        StringBuilder data = new StringBuilder();
        for (ByteBuf piece = chunks.next(in, 7); piece != null; piece = chunks.next(in, 7)) {
            data.append(piece.toString(StandardCharsets.ISO_8859_1));
            piece.release();
        }
        assertThat(in.isReadable()).isFalse();
        in.release();
        assertThat(in.refCnt()).isZero();
        return data.toString();
    }
}
