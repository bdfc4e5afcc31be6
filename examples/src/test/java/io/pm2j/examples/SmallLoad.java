package io.pm2j.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// GETs without a pause, each on a connection of its own and none sent twice, until it is closed.
final class SmallLoad implements AutoCloseable {
    private final int port;
    private final AtomicInteger sent = new AtomicInteger();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean closed;

    private SmallLoad(int port) {
        this.port = port;
        this.thread = Thread.ofVirtual().unstarted(this::send);
    }

    static SmallLoad on(int port) {
        SmallLoad load = new SmallLoad(port);
        load.thread.start();
        return load;
    }

    int sent() {
        return sent.get();
    }

    /// What was not answered with 200.
    List<String> failures() {
        return failures;
    }

    private void send() {
        while (!closed) {
            try {
                String answer = ask(port, "/");
                if (!answer.startsWith("HTTP/1.1 200 ")) {
                    failures.add(answer.lines().findFirst().orElse("closed without an answer"));
                }
            } catch (IOException e) {
                failures.add(e.toString());
            }
            sent.incrementAndGet();
        }
    }

    /// All that comes back for one GET.
    static String ask(int port, String path) throws IOException {
        try (var socket = new Socket()) {
            socket.setSoTimeout(60_000);
            socket.connect(new InetSocketAddress("127.0.0.1", port), 60_000);
            String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
