package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.proxy.http.Tokens;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// RFC 9112 chapter 5, the field syntax. What is malformed is in the corpus; here is what must go well.
@Timeout(180)
final class Chapter5FieldSyntaxIT {
    @Test
    void section51KeepsNamesValuesAndOrderAsTheyCame() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            String fields = "a: 1\r\nB:2\r\nA:\t3 \r\nb:\r\nX!#$%&'*+-.^_`|~9: \"q\\\"\"\r\n";
            assertThat(edge.ask("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"))
                    .contains("Host: a\r\n" + fields);
        }
    }

    @Test
    void section52RefusesFoldedLinesOfBothSides() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    out.write(Tokens.ascii("HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n"));
                });
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            assertThat(edge.askToTheEnd("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n"))
                    .startsWith("HTTP/1.1 400 ");
            assertThat(edge.ask(Edge.GET)).startsWith("HTTP/1.1 502 ");
        }
    }
}
