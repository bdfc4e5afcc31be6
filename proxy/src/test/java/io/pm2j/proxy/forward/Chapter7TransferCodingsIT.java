package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.proxy.http.Tokens;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// RFC 9112 chapter 7, transfer codings. What is malformed is in the corpus; here is what must go well.
@Timeout(180)
final class Chapter7TransferCodingsIT {
    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n\r\n";

    @Test
    void section711LeavesExtensionsAndTrailersOutBothWays() throws Exception {
        String sent = "3;a=b\r\nabc\r\n2 ; c=\"d\"\r\nde\r\n0;e\r\nX-Trailer: y\r\n\r\n";
        String passed = "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        StringBuffer heard = new StringBuffer();
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    heard.append(new String(in.readNBytes(passed.length()), StandardCharsets.ISO_8859_1));
                    out.write(Tokens.ascii("HTTP/1.1 200 OK\r\nConnection: close\r\n" + CHUNKED + sent));
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say("POST / HTTP/1.1\r\nHost: a\r\n" + CHUNKED + sent);
            assertThat(client.head()).contains("Transfer-Encoding: chunked\r\n");
            assertThat(client.read(passed.length())).isEqualTo(passed);
            assertThat(heard).hasToString(passed);
        }
    }

    @Test
    void section74KeepsWhatTheClientTakesToThisHop() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            assertThat(edge.ask("GET / HTTP/1.1\r\nHost: a\r\nTE: trailers, gzip\r\nConnection: TE\r\n\r\n"))
                    .doesNotContain("TE:")
                    .doesNotContain("gzip");
        }
    }
}
