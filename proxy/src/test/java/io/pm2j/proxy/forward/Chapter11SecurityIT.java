package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.proxy.http.Tokens;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// RFC 9112 chapter 11, security. What is malformed is in the corpus; here is what must go well.
@Timeout(180)
final class Chapter11SecurityIT {
    @Test
    void section111NeverLetsOneResponseBecomeTwo() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    while (!ScriptedOrigin.readHead(in).isEmpty()) {
                        out.write(Tokens.ascii(
                                "HTTP/1.1 200 OK\r\nLocation: /\nSet-Cookie: evil\r\nContent-Length: 0\r\n\r\n"));
                    }
                });
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            assertThat(edge.ask(Edge.GET)).startsWith("HTTP/1.1 502 ").doesNotContain("evil");
        }
    }

    @Test
    void section112NeverMakesTwoRequestsOfOneBody() throws Exception {
        String inner = "GET /inner HTTP/1.1\r\nHost: a\r\n\r\n";
        AtomicInteger heads = new AtomicInteger();
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    while (!ScriptedOrigin.readHead(in).isEmpty()) {
                        heads.incrementAndGet();
                        out.write(ScriptedOrigin.response("200 OK", in.readNBytes(inner.length())));
                    }
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            for (String method : new String[] {"GET", "POST", "OPTIONS"}) {
                client.say(method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: " + inner.length() + "\r\n\r\n" + inner);
                assertThat(client.response()).endsWith(inner);
            }
            assertThat(heads).hasValue(3);
        }
    }

    @Test
    void section112TakesNothingForAForwardedFieldThatTheClientSent() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            assertThat(
                            edge.ask(
                                    "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\n"
                                            + "Connection: X-Forwarded-For, Host\r\nForwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\n\r\n"))
                    .contains("X-Forwarded-For: 127.0.0.1\r\n")
                    .contains("Host: a\r\n")
                    .doesNotContain("6.6.6.6");
        }
    }
}
