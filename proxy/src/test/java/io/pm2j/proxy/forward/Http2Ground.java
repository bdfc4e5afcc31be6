package io.pm2j.proxy.forward;

import io.pm2j.config.Address;
import io.pm2j.proxy.Listener;
import io.pm2j.proxy.Standstill;
import io.pm2j.proxy.tls.Certificate;
import io.pm2j.proxy.tls.Pairs;
import io.pm2j.proxy.tls.TlsContexts;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.io.TempDir;

/// A listener where HTTP/2 is spoken, and origins behind it, for tests of clients over real sockets.
abstract class Http2Ground {
    static final int LARGE = 3 * 1024 * 1024;

    @TempDir
    Path folder = Path.of("");

    Listener listen(Edge edge) throws Exception {
        return listen(edge, new Target.App(edge.app));
    }

    Listener listen(Edge edge, Target target) throws Exception {
        Pairs.Pair pair = new Pairs(folder).make("a", "a", "b");
        Certificate certificate = Certificate.read(edge.vertx, pair.certificate(), pair.key());
        ListenerOptions options = new ListenerOptions(
                false,
                List.of(),
                Optional.empty(),
                Optional.of(edge.proxy.tls().open(List.of(certificate), new TlsContexts.Terms(false, true))));
        return edge.proxy.listen(new Address.Tcp("127.0.0.1", 0), target, options);
    }

    static int port(Listener listener) {
        return ((Address.Tcp) listener.address()).port();
    }

    static String text(int length) {
        return "0123456789abcdef".repeat(length / 16);
    }

    /// Answers with the bytes of the body it has read, in the framing that they came in.
    static ScriptedOrigin returning() throws IOException {
        return new ScriptedOrigin((in, out) -> {
            for (String head = ScriptedOrigin.readHead(in); !head.isEmpty(); head = ScriptedOrigin.readHead(in)) {
                boolean chunked = head.contains("Transfer-Encoding: chunked");
                String body = chunked ? chunks(in) : length(head, in);
                out.write(ascii("HTTP/1.1 200 OK\r\n"
                        + (chunked
                                ? "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(body.length()) + "\r\n"
                                        + body + "\r\n0\r\n\r\n"
                                : "Content-Length: " + body.length() + "\r\n\r\n" + body)));
                out.flush();
            }
        });
    }

    static String length(String head, InputStream in) throws IOException {
        int at = head.indexOf("content-length: ");
        int length = at < 0 ? 0 : Integer.parseInt(head.substring(at + 16, head.indexOf('\r', at)));
        return new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
    }

    static String chunks(InputStream in) throws IOException {
        StringBuilder body = new StringBuilder();
        for (; ; ) {
            int length = Integer.parseInt(line(in), 16);
            body.append(new String(in.readNBytes(length), StandardCharsets.ISO_8859_1));
            String end = line(in);
            if (!end.isEmpty()) {
                throw new IOException("a chunk ends in " + end);
            }
            if (length == 0) {
                return body.toString();
            }
        }
    }

    static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("cut");
            }
            line.append((char) c);
        }
        return line.substring(0, line.length() - 1);
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /// Answers each request with `response`, after which it closes when that is wanted.
    static ScriptedOrigin saying(String response, boolean closes) throws IOException {
        return new ScriptedOrigin((in, out) -> {
            while (!ScriptedOrigin.readHead(in).isEmpty()) {
                out.write(ascii(response));
                out.flush();
                if (closes) {
                    return;
                }
            }
        });
    }

    static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static int busy(Edge edge) throws Exception {
        Standstill still = edge.proxy.standStill();
        try {
            return still.awaitIdle(Duration.ofSeconds(60), () -> false);
        } finally {
            still.goOn();
        }
    }

    static void stall(Http2Peer.Stream upload) {
        for (int i = 0; i < 256; i++) {
            upload.send(text(64 * 1024), false);
        }
    }

    /// Reads a head, and nothing more until it may go on; then it answers.
    static ScriptedOrigin waiting(CountDownLatch go, CountDownLatch begun, String answer) throws IOException {
        return new ScriptedOrigin((in, out) -> {
            ScriptedOrigin.readHead(in);
            begun.countDown();
            await(go);
            out.write(ascii(answer));
            out.flush();
            long _ = in.transferTo(OutputStream.nullOutputStream());
        });
    }

    /// How much is on its way to a worker that reads nothing has come to a standstill.
    static void awaitStalled(Edge edge) {
        long[] last = {-1};
        Edge.await(() -> {
            long now = edge.count(Count.BYTES_FROM_CLIENTS);
            boolean still = now > 100_000 && now == last[0];
            last[0] = now;
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            return still;
        });
    }
}
