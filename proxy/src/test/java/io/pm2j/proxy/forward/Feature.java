package io.pm2j.proxy.forward;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/// What the edge does for a client, each with a client that knows the exact answer and the server to it.
enum Feature {
    GET(1),
    POST(1),
    CHUNKED_UPLOAD(1),
    CHUNKED_DOWNLOAD(1),
    KEEP_ALIVE(3),
    PIPELINED(3),
    CONTINUE(1),
    WEBSOCKET(1),
    TCP(0),
    /// Each request on a connection of its own; the other endpoint is well.
    RETRIED(4),
    STICKY(2);

    /// What became of it, as the client sees it.
    enum Outcome {
        EXACT,
        REQUEST_TIMEOUT,
        BAD_GATEWAY,
        GATEWAY_TIMEOUT,
        /// Ended before its end, and the client can tell.
        ABORTED,
        /// Nothing more came.
        SILENT,
        WRONG
    }

    static final int BODY = 4_000;
    private static final int SILENCE_MS = 15_000;
    private static final byte[] BYTES = new byte[BODY];

    static {
        for (int i = 0; i < BODY; i++) {
            BYTES[i] = (byte) ('a' + i % 23);
        }
    }

    /// How many requests it makes.
    final int requests;

    Feature(int requests) {
        this.requests = requests;
    }

    boolean sendsBody() {
        return switch (this) {
            case POST, CHUNKED_UPLOAD, CONTINUE, WEBSOCKET, TCP -> true;
            case GET, CHUNKED_DOWNLOAD, KEEP_ALIVE, PIPELINED, RETRIED, STICKY -> false;
        };
    }

    /// Whether the request may be sent twice.
    boolean idempotent() {
        return this != POST && this != CHUNKED_UPLOAD && this != CONTINUE && this != TCP;
    }

    // ---- the client ---------------------------------------------------------------------------------

    Outcome ask(int port) {
        try {
            return switch (this) {
                case GET -> one(port, "GET /fixed");
                case CHUNKED_DOWNLOAD -> one(port, "GET /chunked");
                case POST -> upload(port, "Content-Length: " + BODY, false);
                case CHUNKED_UPLOAD -> upload(port, "Transfer-Encoding: chunked", true);
                case CONTINUE -> upload(port, "Expect: 100-continue\r\nContent-Length: " + BODY, false);
                case KEEP_ALIVE -> onOneConnection(port, false);
                case PIPELINED -> onOneConnection(port, true);
                case WEBSOCKET -> tunnel(port, true);
                case TCP -> tunnel(port, false);
                case RETRIED -> apart(port);
                case STICKY -> sticky(port);
            };
        } catch (SocketTimeoutException e) {
            return Outcome.SILENT;
        } catch (IOException e) {
            return Outcome.ABORTED;
        }
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(SILENCE_MS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    private static Outcome one(int port, String line) throws IOException {
        try (Socket socket = connect(port)) {
            say(socket, line + " HTTP/1.1\r\nHost: a\r\n\r\n");
            return answer(new BufferedInputStream(socket.getInputStream()));
        }
    }

    private static Outcome upload(int port, String fields, boolean chunked) throws IOException {
        try (Socket socket = connect(port)) {
            say(socket, "POST /echo HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n\r\n");
            InputStream in = new BufferedInputStream(socket.getInputStream());
            if (fields.startsWith("Expect")) {
                String interim = ScriptedOrigin.readHead(in);
                if (!interim.startsWith("HTTP/1.1 100 ")) {
                    return interim.isEmpty() ? Outcome.ABORTED : judged(interim, in);
                }
            }
            try {
                socket.getOutputStream().write(chunked ? chunks() : BYTES);
            } catch (IOException early) {
                // What was said before that still counts.
            }
            return answer(in);
        }
    }

    private static Outcome onOneConnection(int port, boolean atOnce) throws IOException {
        String request = "GET /fixed HTTP/1.1\r\nHost: a\r\n\r\n";
        try (Socket socket = connect(port)) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            if (atOnce) {
                say(socket, request + request + request);
            }
            for (int i = 0; i < 3; i++) {
                if (!atOnce) {
                    say(socket, request);
                }
                Outcome one = answer(in);
                if (one != Outcome.EXACT) {
                    return one;
                }
            }
            return Outcome.EXACT;
        }
    }

    private static Outcome apart(int port) throws IOException {
        Outcome worst = Outcome.EXACT;
        for (int i = 0; i < RETRIED.requests; i++) {
            Outcome one;
            try {
                one = one(port, "GET /fixed");
            } catch (SocketTimeoutException e) {
                throw e;
            } catch (IOException e) {
                one = Outcome.ABORTED;
            }
            worst = one == Outcome.EXACT ? worst : one;
        }
        return worst;
    }

    private static Outcome sticky(int port) throws IOException {
        String cookie = "";
        String first = "";
        for (int i = 0; i < 2; i++) {
            try (Socket socket = connect(port)) {
                say(socket, "GET /fixed HTTP/1.1\r\nHost: a\r\n" + cookie + "\r\n");
                InputStream in = new BufferedInputStream(socket.getInputStream());
                String head = ScriptedOrigin.readHead(in);
                Outcome one = head.isEmpty() ? Outcome.ABORTED : judged(head, in);
                if (one != Outcome.EXACT) {
                    return one;
                }
                String who = field(head, "x-who: ");
                if (i == 1 && !who.equals(first)) {
                    return Outcome.WRONG;
                }
                first = who;
                String set = field(head, "set-cookie: ");
                cookie = set.isEmpty() ? cookie : "Cookie: " + set.substring(0, set.indexOf(';')) + "\r\n";
            }
        }
        return Outcome.EXACT;
    }

    private static Outcome tunnel(int port, boolean upgrade) throws IOException {
        try (Socket socket = connect(port)) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            if (upgrade) {
                say(socket, "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
                String head = ScriptedOrigin.readHead(in);
                if (!head.startsWith("HTTP/1.1 101 ")) {
                    return head.isEmpty() ? Outcome.ABORTED : judged(head, in);
                }
            }
            try {
                socket.getOutputStream().write(BYTES);
                socket.shutdownOutput();
            } catch (IOException early) {
                // What was said before that still counts.
            }
            byte[] echo = in.readAllBytes();
            if (Arrays.equals(echo, BYTES)) {
                return Outcome.EXACT;
            }
            return echo.length < BODY && Arrays.equals(echo, 0, echo.length, BYTES, 0, echo.length)
                    ? Outcome.ABORTED
                    : Outcome.WRONG;
        }
    }

    private static Outcome answer(InputStream in) throws IOException {
        String head = ScriptedOrigin.readHead(in);
        return head.isEmpty() ? Outcome.ABORTED : judged(head, in);
    }

    private static Outcome judged(String head, InputStream in) throws IOException {
        return switch (head.substring(9, 12)) {
            case "200" -> {
                byte[] body = body(head, in);
                yield body == null ? Outcome.ABORTED : Arrays.equals(body, BYTES) ? Outcome.EXACT : Outcome.WRONG;
            }
            case "502" -> whole(head, in, Outcome.BAD_GATEWAY);
            case "504" -> whole(head, in, Outcome.GATEWAY_TIMEOUT);
            case "408" -> whole(head, in, Outcome.REQUEST_TIMEOUT);
            default -> Outcome.WRONG;
        };
    }

    private static Outcome whole(String head, InputStream in, Outcome outcome) throws IOException {
        return body(head, in) == null ? Outcome.ABORTED : outcome;
    }

    /// Null when its end is missing.
    private static byte @org.jspecify.annotations.Nullable [] body(String head, InputStream in) throws IOException {
        if (head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")) {
            return readChunks(in);
        }
        int length = Integer.parseInt(field(head, "content-length: "));
        byte[] all = in.readNBytes(length);
        return all.length < length ? null : all;
    }

    private static byte @org.jspecify.annotations.Nullable [] readChunks(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (; ; ) {
            String size = line(in);
            if (size.isEmpty()) {
                return null;
            }
            int length = Integer.parseInt(size, 16);
            byte[] piece = in.readNBytes(length);
            all.writeBytes(piece);
            boolean ended = !line(in).isEmpty() || piece.length < length || in.available() < 0;
            if (ended) {
                return null;
            }
            if (length == 0) {
                return all.toByteArray();
            }
        }
    }

    /// A line without its end; `?` where the stream ends, but for the first byte of a size.
    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("ended in a chunk");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    private static String field(String head, String name) {
        int at = head.toLowerCase(Locale.ROOT).indexOf(name);
        return at < 0 ? "" : head.substring(at + name.length(), head.indexOf('\r', at));
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] chunks() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int from = 0; from < BODY; from += 1_000) {
            all.writeBytes("3e8\r\n".getBytes(StandardCharsets.US_ASCII));
            all.write(BYTES, from, 1_000);
            all.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        all.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return all.toByteArray();
    }

    // ---- the server ---------------------------------------------------------------------------------

    /// Answers every feature; `name` tells servers apart.
    static ScriptedOrigin server(String name, boolean bytes) throws IOException {
        if (bytes) {
            return new ScriptedOrigin((in, out) -> in.transferTo(out));
        }
        return new ScriptedOrigin((in, out) -> {
            for (String head = ScriptedOrigin.readHead(in); !head.isEmpty(); head = ScriptedOrigin.readHead(in)) {
                serve(name, head, in, out);
                if (head.startsWith("GET /ws")) {
                    return;
                }
            }
        });
    }

    private static void serve(String name, String head, InputStream in, OutputStream out) throws IOException {
        String small = head.toLowerCase(Locale.ROOT);
        String who = "X-Who: " + name + "\r\n";
        if (small.contains("expect: 100-continue")) {
            write(out, "HTTP/1.1 100 Continue\r\n\r\n");
        }
        if (head.startsWith("GET /ws")) {
            write(out, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            in.transferTo(out);
        } else if (head.startsWith("GET /chunked")) {
            write(out, "HTTP/1.1 200 OK\r\n" + who + "Transfer-Encoding: chunked\r\n\r\n");
            out.write(chunks());
        } else {
            byte[] body = head.startsWith("POST") ? body(head, in) : BYTES;
            if (body != null) {
                write(out, "HTTP/1.1 200 OK\r\n" + who + "Content-Length: " + body.length + "\r\n\r\n");
                out.write(body);
            }
        }
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
