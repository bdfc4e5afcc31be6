package io.pm2j.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Apps whose connections are not plain requests and answers.
class StreamsIT {
    @RegisterExtension
    final Product product = new Product();

    @Test
    void aWebSocketEchoesThroughTheEdge() throws Exception {
        int port = product.start("websocket");

        try (var socket = connect(port)) {
            handshake(socket);
            frame(socket.getOutputStream(), "hello");

            assertThat(socket.getInputStream().readNBytes(7)).isEqualTo(bytes("\u0081\u0005hello"));
        }
    }

    @Test
    void aWebSocketOutlivesNothingButIsClosedByDelete() throws Exception {
        int port = product.start("websocket");

        try (var socket = connect(port)) {
            handshake(socket);
            product.run("delete", "websocket").succeeds();

            assertThat(restOf(socket.getInputStream())).hasSizeLessThan(16);
        }
    }

    @Test
    void anAppsOwnTlsPassesUntouched() throws Exception {
        Path folder = product.app("own-tls");
        product.command(List.of(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "rsa:2048",
                        "-nodes",
                        "-days",
                        "2",
                        "-subj",
                        "/CN=localhost",
                        "-keyout",
                        folder.resolve("key.pem").toString(),
                        "-out",
                        folder.resolve("cert.pem").toString()))
                .succeeds();
        int port = product.freePort();

        product.with("PORT", port).run("start", "own-tls/app.js", "-i", "2").succeeds();

        String answer = Product.eventually("answers over TLS", () -> overTls(port), text -> text.contains("secret"));
        assertThat(answer).startsWith("HTTP/1.1 200");
    }

    @Test
    void aServerThatSpeaksFirstIsHeard() throws Exception {
        int port = startStream("speaks-first");

        try (var socket = connect(port)) {
            assertThat(socket.getInputStream().readNBytes(11)).isEqualTo(bytes("220 ready\r\n"));
            socket.getOutputStream().write(bytes("EHLO\r\n"));

            assertThat(restOf(socket.getInputStream())).isEqualTo(bytes("you said EHLO\r\n"));
        }
    }

    @Test
    void plainBytesAreEchoedUntilTheHalfClose() throws Exception {
        int port = startStream("tcp-echo");

        try (var socket = connect(port)) {
            socket.getOutputStream().write(bytes("\u0000\u0001not http\r\n\r\n"));
            socket.shutdownOutput();

            assertThat(restOf(socket.getInputStream())).isEqualTo(bytes("\u0000\u0001not http\r\n\r\n"));
        }
    }

    private int startStream(String situation) throws Exception {
        product.app(situation);
        int port = product.freePort();
        product.with("PORT", port)
                .run("start", situation + "/app.js", "-i", "2")
                .succeeds();
        Product.eventually("listens", () -> Product.listens(port), listens -> listens);
        return port;
    }

    private static Socket connect(int port) throws IOException {
        var socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(60_000);
        return socket;
    }

    /// RFC 6455 §1.3, with its own example key.
    private static void handshake(Socket socket) throws IOException {
        socket.getOutputStream()
                .write(bytes("GET /chat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = socket.getInputStream().read();
            assertThat(next).as("end of stream after: %s", head).isNotNegative();
            head.append((char) next);
        }
        assertThat(head.toString()).startsWith("HTTP/1.1 101 ").contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    /// RFC 6455 §5.2: one masked text frame. The mask is zero, which the RFC allows and a reader must not notice.
    private static void frame(OutputStream out, String text) throws IOException {
        out.write(0x81);
        out.write(0x80 | text.length());
        out.write(new byte[4]);
        out.write(bytes(text));
    }

    private static byte[] restOf(InputStream in) {
        try {
            return in.readAllBytes();
        } catch (IOException e) {
            return new byte[0];
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    private static String overTls(int port) throws Exception {
        try (var socket = TrustsAnybody.context().getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(bytes("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
