package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.proxy.http.Tokens;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// RFC 9112 chapter 9, connection management. What is malformed is in the corpus; here is what must go well.
@Timeout(180)
final class Chapter9ConnectionsIT {
    @Test
    void section932AnswersAPipelineInItsOrderThoughTheSecondIsReadyFirst() throws Exception {
        CompletableFuture<Void> first = new CompletableFuture<>();
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    for (String head = ScriptedOrigin.readHead(in);
                            !head.isEmpty();
                            head = ScriptedOrigin.readHead(in)) {
                        if (head.startsWith("GET /1 ")) {
                            first.join();
                        }
                        out.write(ScriptedOrigin.response("200 OK", Tokens.ascii(head.substring(4, 6))));
                    }
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET.replace("/x", "/1") + Edge.GET.replace("/x", "/2") + Edge.GET.replace("/x", "/3"));
            Edge.await(() -> edge.count(Count.REQUESTS) == 1);
            first.complete(null);
            for (String path : new String[] {"/1", "/2", "/3"}) {
                assertThat(client.response()).endsWith("\r\n\r\n" + path);
            }
        }
    }

    @Test
    void section93ClosesAfterHttp10EvenIfAskedToKeepAlive() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            assertThat(edge.askToTheEnd("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + Edge.GET))
                    .containsOnlyOnce("HTTP/1.1 200 ")
                    .contains("Connection: close\r\n")
                    .doesNotContain("GET /x");
        }
    }

    @Test
    void section96LooksAtNothingBehindARequestToClose() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            assertThat(edge.askToTheEnd("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n" + Edge.GET))
                    .containsOnlyOnce("HTTP/1.1 200 ")
                    .doesNotContain("GET /x");
            assertThat(edge.count(Count.REQUESTS)).isEqualTo(1);
        }
    }

    @Test
    void section96AnswersAfterTheClientHasEndedItsSide() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            try (Edge.Client client = edge.connect()) {
                client.say(Edge.GET);
                client.socket.shutdownOutput();
                assertThat(client.rest()).startsWith("HTTP/1.1 200 ").contains("GET /x HTTP/1.1\r\n");
            }
        }
    }
}
