package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.proxy.http.Tokens;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// RFC 9112 chapter 4, the status line. What is malformed is in the corpus; here is what must go well.
@Timeout(180)
final class Chapter4StatusLineIT {
    private static ScriptedOrigin repeating(String response) throws java.io.IOException {
        return new ScriptedOrigin((in, out) -> {
            while (!ScriptedOrigin.readHead(in).isEmpty()) {
                out.write(Tokens.ascii(response));
            }
        });
    }

    @Test
    void section4PassesTheStatusAndItsReasonOnAsTheyCame() throws Exception {
        for (String line : new String[] {"200 OK", "200 ", "299 Two words\t\u00e9", "404 Nowhere", "599 x"}) {
            String response = "HTTP/1.1 " + line + "\r\nContent-Length: 2\r\n\r\nok";
            try (ScriptedOrigin origin = repeating(response);
                    Edge edge = Edge.relaying(origin.endpoint(1))) {
                assertThat(edge.ask(Edge.GET)).isEqualTo(response);
            }
        }
    }
}
