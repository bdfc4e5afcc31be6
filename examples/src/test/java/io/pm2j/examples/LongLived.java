package io.pm2j.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;

/// A connection on which something goes on: a WebSocket or an event stream of the app `mixed`.
final class LongLived implements AutoCloseable {
    /// What a server says when it ends a WebSocket; -1 where the connection ended without a word.
    record Closed(int code) {}

    private final Socket socket;
    private final InputStream in;

    private LongLived(int port, String request) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(120_000);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
        socket.getOutputStream().write(request.getBytes(ISO_8859_1));
        String head = head();
        if (!head.startsWith("HTTP/1.1 101 ") && !head.startsWith("HTTP/1.1 200 ")) {
            throw new IOException("answered " + head);
        }
    }

    static LongLived webSocket(int port) throws IOException {
        return new LongLived(
                port,
                "GET /chat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    }

    static LongLived get(int port, String path) throws IOException {
        return new LongLived(port, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    /// Has `text` echoed; the answer is the pid of the worker that did.
    long echo(String text) throws IOException {
        byte[] frame = new byte[6 + text.length()];
        frame[0] = (byte) 0x81;
        frame[1] = (byte) (0x80 | text.length());
        System.arraycopy(text.getBytes(ISO_8859_1), 0, frame, 6, text.length());
        socket.getOutputStream().write(frame);
        String answer = text();
        if (!answer.startsWith(text + " ")) {
            throw new IOException("echoed " + answer);
        }
        return Long.parseLong(answer.substring(text.length() + 1));
    }

    private String text() throws IOException {
        int first = in.read();
        int length = in.read();
        if (first != 0x81) {
            throw new IOException("a frame that begins with " + first);
        }
        return new String(in.readNBytes(length), ISO_8859_1);
    }

    /// Waits for the end of a WebSocket, and answers a Close with one.
    Closed awaitClose() throws IOException {
        int first = in.read();
        if (first != 0x88) {
            return new Closed(-1);
        }
        int length = in.read();
        byte[] payload = in.readNBytes(length);
        socket.getOutputStream().write(new byte[] {(byte) 0x88, (byte) 0x80, 0, 0, 0, 0});
        if (in.read() >= 0) {
            throw new IOException("something after the Close");
        }
        return new Closed(length < 2 ? 1005 : (payload[0] & 255) << 8 | payload[1] & 255);
    }

    /// The next line of a stream in chunks: pieces and their sizes alike.
    String line() throws IOException {
        StringBuilder line = new StringBuilder();
        int next;
        while ((next = in.read()) != '\n') {
            if (next < 0) {
                throw new EOFException("ended after " + line);
            }
            line.append((char) next);
        }
        return line.toString().strip();
    }

    /// All that is still to come.
    String rest() {
        StringBuilder rest = new StringBuilder();
        try {
            int next;
            while ((next = in.read()) >= 0) {
                rest.append((char) next);
            }
        } catch (IOException e) {
            rest.append("(reset)");
        }
        return rest.toString();
    }

    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("ended after " + head);
            }
            head.append((char) next);
        }
        return head.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
