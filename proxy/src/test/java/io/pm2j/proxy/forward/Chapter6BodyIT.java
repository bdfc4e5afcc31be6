package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.proxy.http.Tokens;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// RFC 9112 chapter 6, the message body. What is malformed is in the corpus; here is what must go well.
@Timeout(180)
final class Chapter6BodyIT {
    private static ScriptedOrigin repeating(String response) throws java.io.IOException {
        return new ScriptedOrigin((in, out) -> {
            while (!ScriptedOrigin.readHead(in).isEmpty()) {
                out.write(Tokens.ascii(response));
            }
        });
    }

    private static long direct() {
        long bytes = 0;
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            bytes += pool.getMemoryUsed();
        }
        return bytes;
    }

    @Test
    void section62PassesTwoGibibytesAndMoreWithoutKeepingThem() throws Exception {
        long length = (1L << 31) + 5;
        byte[] piece = new byte[1 << 20];
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    out.write(Tokens.ascii("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n"));
                    for (long left = length; left > 0; left -= piece.length) {
                        out.write(piece, 0, (int) Math.min(left, piece.length));
                    }
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say(Edge.GET);
            assertThat(client.head()).contains("Content-Length: " + length + "\r\n");
            long before = direct();
            long most = 0;
            byte[] some = new byte[1 << 20];
            long came = 0;
            while (came < length) {
                int n = client.in.read(some);
                assertThat(n).isPositive();
                came += n;
                most = Math.max(most, direct());
            }
            assertThat(came).isEqualTo(length);
            assertThat(most - before).as("kept on the way").isLessThan(32L << 20);
        }
    }

    @Test
    void section63TakesABodyOfAnyMethodByItsFraming() throws Exception {
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    while (!ScriptedOrigin.readHead(in).isEmpty()) {
                        out.write(ScriptedOrigin.response("200 OK", in.readNBytes(5)));
                    }
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            for (String method : new String[] {"GET", "DELETE", "OPTIONS", "POST", "BREW"}) {
                client.say(method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
                // The listener is known to speak HTTP after the first.
                assertThat(client.response()).endsWith("\r\n\r\nhello");
            }
        }
    }

    @Test
    void section63EndsAResponseToHeadWithItsHeadWhateverItAnnounces() throws Exception {
        for (String framing : new String[] {"Content-Length: 7", "Transfer-Encoding: chunked", "X: y"}) {
            String response = "HTTP/1.1 200 OK\r\n" + framing + "\r\n\r\n";
            try (ScriptedOrigin origin = repeating(response);
                    Edge edge = Edge.relaying(origin.endpoint(1));
                    Edge.Client client = edge.connect()) {
                client.say(Edge.GET.replace("GET", "HEAD").repeat(2));
                assertThat(client.head()).isEqualTo(response);
                assertThat(client.head()).isEqualTo(response);
            }
        }
    }
}
