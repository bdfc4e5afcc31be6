package io.pm2j.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// GETs in open loop, each on a connection of its own and none sent twice, until it is closed: the next one comes when
/// its time has come, whatever became of those before.
final class Arrivals implements AutoCloseable {
    private static final int CONNECT_MILLIS = 60_000;
    private static final int ANSWER_MILLIS = 60_000;

    private final int port;
    private final long everyNanos;
    private final List<Arrival> ended = new CopyOnWriteArrayList<>();
    private final ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor();
    private final Thread clock;
    private volatile boolean closed;

    /// What became of one; `begun` and `over` are of the monotonic clock.
    ///
    /// @param connected whether it was let in at all
    record Arrival(long begun, long over, boolean connected, String outcome) {
        boolean good() {
            return outcome.startsWith("HTTP/1.1 200 ");
        }

        boolean underWay(long from, long until) {
            return begun <= until && over >= from;
        }
    }

    private Arrivals(int port, int perSecond) {
        this.port = port;
        this.everyNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.clock = Thread.ofPlatform().unstarted(this::run);
    }

    static Arrivals at(int port, int perSecond) {
        Arrivals arrivals = new Arrivals(port, perSecond);
        arrivals.clock.start();
        return arrivals;
    }

    private void run() {
        long next = System.nanoTime();
        while (!closed) {
            pool.execute(this::one);
            next += everyNanos;
            LockSupport.parkNanos(next - System.nanoTime());
        }
    }

    private void one() {
        long begun = System.nanoTime();
        boolean connected = false;
        String outcome;
        try (var socket = new Socket()) {
            socket.setSoTimeout(ANSWER_MILLIS);
            socket.connect(new InetSocketAddress("127.0.0.1", port), CONNECT_MILLIS);
            connected = true;
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(ISO_8859_1));
            String answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
            outcome = answer.lines().findFirst().orElse("closed without an answer");
        } catch (IOException e) {
            outcome = e.toString();
        }
        ended.add(new Arrival(begun, System.nanoTime(), connected, outcome));
    }

    /// How many were answered well so far.
    long good() {
        return ended.stream().filter(Arrival::good).count();
    }

    /// All of them; after [#close] none is missing.
    List<Arrival> all() {
        return new ArrayList<>(ended);
    }

    /// Begins no more, and waits for those under way.
    @Override
    public void close() {
        closed = true;
        try {
            clock.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        pool.close();
    }
}
