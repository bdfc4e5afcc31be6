package io.pm2j.proxy.forward;

import io.pm2j.config.Address;
import io.pm2j.proxy.upstream.EndpointSpec;
import io.pm2j.proxy.upstream.Origin;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A tiny origin: each accepted connection runs a script on a thread of its own.
final class ScriptedOrigin implements AutoCloseable {
    interface Script {
        void run(InputStream in, OutputStream out) throws IOException;
    }

    private final ServerSocket server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    final AtomicInteger accepted = new AtomicInteger();

    ScriptedOrigin(Script script) throws IOException {
        server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            try {
                for (; ; ) {
                    Socket socket = server.accept();
                    accepted.incrementAndGet();
                    open.add(socket);
                    Thread.ofVirtual().start(() -> serve(socket, script));
                }
            } catch (IOException closed) {
                // The test is over.
            }
        });
    }

    private void serve(Socket socket, Script script) {
        try (socket) {
            script.run(new BufferedInputStream(socket.getInputStream()), socket.getOutputStream());
        } catch (IOException e) {
            // The peer has gone, which some scripts are about.
        } finally {
            open.remove(socket);
        }
    }

    EndpointSpec endpoint(long id) {
        return at(id, server.getLocalPort());
    }

    int port() {
        return server.getLocalPort();
    }

    static EndpointSpec at(long id, int port) {
        return new EndpointSpec(id, new Origin.At(new Address.Tcp("127.0.0.1", port)));
    }

    int openConnections() {
        return open.size();
    }

    /// Answers every request with its own head as the body; keep-alive.
    static ScriptedOrigin echo() throws IOException {
        return new ScriptedOrigin((in, out) -> {
            for (String head = readHead(in); !head.isEmpty(); head = readHead(in)) {
                byte[] body = head.getBytes(StandardCharsets.ISO_8859_1);
                out.write(response("200 OK", body));
                out.flush();
            }
        });
    }

    static byte[] response(String status, byte[] body) {
        String head =
                "HTTP/1.1 " + status + "\r\nContent-Length: " + body.length + "\r\nConnection: keep-alive\r\n\r\n";
        byte[] bytes = new byte[head.length() + body.length];
        System.arraycopy(head.getBytes(StandardCharsets.ISO_8859_1), 0, bytes, 0, head.length());
        System.arraycopy(body, 0, bytes, head.length(), body.length);
        return bytes;
    }

    /// A head with its empty line; empty at the end of the stream.
    static String readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int c = in.read();
            if (c < 0) {
                return "";
            }
            head.append((char) c);
        }
        return head.toString();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
