package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// RFC 9112 chapter 8, incomplete messages. What is malformed is in the corpus; here is what must go well.
@Timeout(180)
final class Chapter8IncompleteMessagesIT {
    @Test
    void section8NeverShowsAWorkerTheEndOfARequestThatHasNone() throws Exception {
        for (String rest :
                new String[] {"Content-Length: 9\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}) {
            CompletableFuture<String> heard = new CompletableFuture<>();
            try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                        try {
                            ScriptedOrigin.readHead(in);
                            heard.complete(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
                        } catch (IOException reset) {
                            heard.complete("reset");
                            throw reset;
                        }
                    });
                    Edge edge = Edge.relaying(origin.endpoint(1));
                    Edge.Client client = edge.connect()) {
                client.say("POST / HTTP/1.1\r\nHost: a\r\n" + rest);
                Edge.await(() -> edge.count(Count.REQUESTS) == 1);
                client.socket.shutdownOutput();
                assertThat(client.rest()).isEmpty();
                assertThat(heard.get(60, TimeUnit.SECONDS))
                        .doesNotContain("0\r\n\r\n")
                        .hasSizeLessThan(9);
                assertThat(edge.count(Count.CLIENT_ABORTS)).isEqualTo(1);
            }
        }
    }

    @Test
    void section8LeavesAHeadWithoutEndUnanswered() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            try (Edge.Client client = edge.connect()) {
                client.say("GET / HTTP/1.1\r\nHost: a\r\n");
                client.socket.shutdownOutput();
                assertThat(client.rest()).isEmpty();
            }
            assertThat(edge.count(Count.REQUESTS)).isZero();
        }
    }
}
