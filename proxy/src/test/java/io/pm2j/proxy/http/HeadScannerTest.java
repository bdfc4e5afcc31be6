package io.pm2j.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HeadScannerTest {
    private static final String ACCEPTED = "GET /a/b?c=%20 HTTP/1.1\r\nHost: example.org:8080\r\nX-A:\t v w\t \r\n"
            + "Connection: keep-alive, X-Gone, Host, Cookie\r\nX-Gone: 1\r\nCookie: a=b\r\n"
            + "X-Forwarded-For: 6.6.6.6\r\nX_Forwarded_Host: evil\r\nContent-Length: 12\r\n\r\n";

    private final HeadScanner scanner = new HeadScanner(16 * 1024, 100);
    private final RequestHead request = new RequestHead();
    private final ResponseHead response = new ResponseHead();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET / HTTP/1.1~~ | NO_HOST",
                "GET / HTTP/1.1~Host: a~Host: a~~ | REPEATED_HOST",
                "GET / HTTP/1.0~Host: a~Host: a~~ | REPEATED_HOST",
                "GET / HTTP/1.1~Host: u@a~~ | BAD_HOST",
                "GET / HTTP/1.1~Host: a/b~~ | BAD_HOST",
                "GET / HTTP/1.1~Host: a:b~~ | BAD_HOST",
                "GET http://u@a/ HTTP/1.1~Host: a~~ | BAD_HOST",
                "GET a HTTP/1.1~Host: a~~ | BAD_TARGET",
                "GET * HTTP/1.1~Host: a~~ | BAD_TARGET",
                "GET /a b HTTP/1.1~Host: a~~ | BAD_TARGET",
                "GET /a#b HTTP/1.1~Host: a~~ | FRAGMENT",
                "GET  / HTTP/1.1~Host: a~~ | BAD_TARGET",
                "GET / HTTP/1.2~Host: a~~ | BAD_VERSION",
                "PRI * HTTP/2.0~~SM~~ | BAD_VERSION",
                "GET /~~ | BAD_REQUEST_LINE",
                "GET / http/1.1~Host: a~~ | BAD_REQUEST_LINE",
                "CONNECT a:1 HTTP/1.1~Host: a~~ | METHOD_NOT_ALLOWED",
                "TRACE / HTTP/1.1~Host: a~~ | METHOD_NOT_ALLOWED",
                "G(T / HTTP/1.1~Host: a~~ | BAD_REQUEST_LINE",
                "(ET / HTTP/1.1~Host: a~~ | BAD_METHOD",
                "GET / HTTP/1.1^Host: a^^ | BARE_LINE_END",
                "GET / HTTP/1.1~Host: a^~ | BARE_LINE_END",
                "GET / HTTP/1.1~Host: a~X: b\rc~~ | BARE_LINE_END",
                "GET / HTTP/1.1~Host: a~X: b\u0001c~~ | BAD_FIELD_VALUE",
                "GET / HTTP/1.1~Host: a~X: b\u0000c~~ | BAD_FIELD_VALUE",
                "GET / HTTP/1.1~Host: a~X: b~ c~~ | FOLDED_LINE",
                "GET / HTTP/1.1~Host: a~X : b~~ | BAD_FIELD_NAME",
                "GET / HTTP/1.1~Host: a~: b~~ | BAD_FIELD_NAME",
                "GET / HTTP/1.1~Host: a~nocolon~~ | BAD_FIELD_NAME",
                "POST / HTTP/1.1~Host: a~Content-Length: 1~Transfer-Encoding: chunked~~ | LENGTH_AND_ENCODING",
                "POST / HTTP/1.1~Host: a~Content-Length: 1~Content-Length: 1~~ | REPEATED_CONTENT_LENGTH",
                "POST / HTTP/1.1~Host: a~Content-Length: 1, 1~~ | BAD_CONTENT_LENGTH",
                "POST / HTTP/1.1~Host: a~Content-Length: +1~~ | BAD_CONTENT_LENGTH",
                "POST / HTTP/1.1~Host: a~Content-Length:~~ | BAD_CONTENT_LENGTH",
                "POST / HTTP/1.1~Host: a~Content-Length: 9999999999999999999~~ | BAD_CONTENT_LENGTH",
                "POST / HTTP/1.1~Host: a~Transfer-Encoding: gzip, chunked~~ | BAD_TRANSFER_ENCODING",
                "POST / HTTP/1.1~Host: a~Transfer-Encoding: xchunked~~ | BAD_TRANSFER_ENCODING",
                "POST / HTTP/1.1~Host: a~Transfer-Encoding: \u000bchunked~~ | BAD_FIELD_VALUE",
                "POST / HTTP/1.0~Host: a~Transfer-Encoding: chunked~~ | ENCODING_IN_HTTP_10",
                "POST / HTTP/1.1~Host: a~Expect: magic~~ | UNKNOWN_EXPECTATION"
            })
    void refuses(String head, Violation why) {
        String text = head.replace("~", "\r\n").replace("^", "\n");
        for (int n = 1; n < text.length(); n++) {
            int end = scan(text, n);
            if (end == HeadScanner.REFUSED) {
                break;
            }
            assertThat(end).isEqualTo(HeadScanner.MORE);
        }
        assertThat(scan(text, text.length())).isEqualTo(HeadScanner.REFUSED);
        assertThat(scanner.violation()).isEqualTo(why);
    }

    @Test
    void needsEveryByteOfAnAcceptedHead() {
        for (int n = 0; n < ACCEPTED.length(); n++) {
            assertThat(scan(ACCEPTED, n)).as("first %d bytes", n).isEqualTo(HeadScanner.MORE);
        }
        assertThat(scan(ACCEPTED + "next", ACCEPTED.length() + 4)).isEqualTo(ACCEPTED.length());
        assertThat(request.contentLength()).isEqualTo(12);
    }

    @Test
    void dropsWhatIsNamedByConnectionButNothingProtected() {
        byte[] bytes = bytes(ACCEPTED);
        scanner.request(bytes, ACCEPTED.length(), request);
        StringBuilder kept = new StringBuilder();
        for (int f = 0; f < request.count(); f++) {
            if (!request.isDropped(f)) {
                kept.append(request.name(bytes, f))
                        .append('=')
                        .append(request.value(bytes, f))
                        .append(';');
            }
        }
        assertThat(kept).hasToString("Host=example.org:8080;X-A=v w;Cookie=a=b;Content-Length=12;");
    }

    @ParameterizedTest
    @CsvSource({"200 OK, -1", "200 , -1"})
    void readsAStatusLine(String line, int length) {
        String text = "HTTP/1.1 " + line + "\r\n\r\n";
        assertThat(scanner.response(bytes(text), text.length(), response)).isEqualTo(text.length());
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.contentLength()).isEqualTo(length);
    }

    @Test
    void takesTheAuthorityOfAnAbsoluteTarget() {
        String text = "GET http://b.example?x HTTP/1.1\r\nHost: a\r\n\r\n";
        byte[] bytes = bytes(text);
        assertThat(scanner.request(bytes, text.length(), request)).isPositive();
        assertThat(request.absoluteForm()).isTrue();
        assertThat(request.target(bytes)).isEqualTo("/?x");
    }

    @Test
    void limitsTheRequestLineAndTheFields() {
        String line = "GET /" + "a".repeat(17_000);
        assertThat(scan(line, line.length())).isEqualTo(HeadScanner.REFUSED);
        assertThat(scanner.violation()).isEqualTo(Violation.TARGET_TOO_LONG);
        String fields = "GET / HTTP/1.1\r\nHost: a\r\n" + "X: y\r\n".repeat(100) + "\r\n";
        assertThat(scan(fields, fields.length())).isEqualTo(HeadScanner.REFUSED);
        assertThat(scanner.violation()).isEqualTo(Violation.TOO_MANY_FIELDS);
    }

    private int scan(String text, int length) {
        return scanner.request(bytes(text), length, request);
    }

    /// With stale bytes after the end, as a reused array has them.
    private static byte[] bytes(String text) {
        byte[] bytes = Tokens.ascii(text);
        byte[] padded = Arrays.copyOf(bytes, bytes.length + 64);
        Arrays.fill(padded, bytes.length, padded.length, (byte) 'z');
        return padded;
    }
}
