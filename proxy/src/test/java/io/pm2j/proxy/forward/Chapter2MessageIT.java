package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// RFC 9112 chapter 2, the message. What is malformed is in the corpus; here is what must go well.
@Timeout(180)
final class Chapter2MessageIT {
    @Test
    void section22SkipsEmptyLinesBeforeARequestHoweverTheyAreCut() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            edge.ask(Edge.GET);
            try (Edge.Client client = edge.connect()) {
                for (char c : ("\r\n\r\n" + Edge.GET).toCharArray()) {
                    client.say(String.valueOf(c));
                }
                assertThat(client.response()).startsWith("HTTP/1.1 200 ").contains("\r\n\r\nGET /x HTTP/1.1\r\n");
            }
        }
    }

    @Test
    void section22ReadsAMessageAsBytesAndKeepsObsText() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            assertThat(edge.ask("GET / HTTP/1.1\r\nHost: a\r\nX: \u00e9\u0080\u00ff\r\n\r\n"))
                    .contains("X: \u00e9\u0080\u00ff\r\n");
        }
    }

    @Test
    void section22RefusesTextThatIsNoRequestWhereHttpIsSpoken() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            edge.ask(Edge.GET);
            for (String text : new String[] {"hello\r\n", " GET / HTTP/1.1\r\n", "{}"}) {
                assertThat(edge.askToTheEnd(text + "\r\n" + Edge.GET)).startsWith("HTTP/1.1 400 ");
            }
            assertThat(origin.accepted.get()).isEqualTo(1);
        }
    }

    @Test
    void section23AnswersAClientOfHttp10WithItsOwnVersion() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            assertThat(edge.askToTheEnd("GET / HTTP/1.0\r\n\r\n"))
                    .startsWith("HTTP/1.1 200 ")
                    .contains("Connection: close\r\n");
        }
    }
}
