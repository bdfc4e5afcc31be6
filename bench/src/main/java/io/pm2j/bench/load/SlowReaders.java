package io.pm2j.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/// Clients that ask for a large answer and read it in small sips, one virtual thread each. They hold the server's
/// write side back for as long as the load runs; an answer cut short is a failure like any other.
final class SlowReaders {
    private static final int SIP_BYTES = 16 * 1024;
    private static final Duration BETWEEN_SIPS = Duration.ofMillis(20);

    private final LoadPlan plan;
    private final List<Thread> threads = new ArrayList<>();
    private final ConcurrentLinkedQueue<Failure> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong answers = new AtomicLong();
    private volatile boolean over;

    private SlowReaders(LoadPlan plan) {
        this.plan = plan;
    }

    static SlowReaders start(LoadPlan plan) {
        var readers = new SlowReaders(plan);
        for (int i = 0; i < plan.slowReaders(); i++) {
            readers.threads.add(Thread.ofVirtual().name("slow-reader-" + i).start(readers::readUntilOver));
        }
        return readers;
    }

    long answers() {
        return answers.get();
    }

    List<Failure> failures() {
        return List.copyOf(failures);
    }

    /// Lets each finish the answer it is reading, so that none is cut by us.
    void finish() throws InterruptedException {
        over = true;
        for (Thread thread : threads) {
            thread.join(plan.timeout());
        }
    }

    private void readUntilOver() {
        while (!over) {
            try {
                readOne();
                answers.incrementAndGet();
            } catch (IOException e) {
                failures.add(new Failure(Failure.Kind.RESET, false, "slow", 0, String.valueOf(e.getMessage()), 0));
                return;
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void readOne() throws IOException, InterruptedException {
        try (var socket = new Socket()) {
            socket.setReceiveBufferSize(SIP_BYTES);
            socket.setSoTimeout((int) plan.timeout().toMillis());
            socket.connect(new InetSocketAddress(plan.url().getHost(), plan.port()));
            String host = plan.url().getHost() + ":" + plan.port();
            socket.getOutputStream()
                    .write("GET %s HTTP/1.1\r\nHost: %s\r\n\r\n"
                            .formatted(plan.slowPath(), host)
                            .getBytes(US_ASCII));
            var reader = new ResponseReader();
            byte[] sip = new byte[SIP_BYTES];
            while (true) {
                int count = socket.getInputStream().read(sip);
                if (count < 0) {
                    throw new IOException("truncated");
                }
                switch (reader.feed(ByteBuffer.wrap(sip, 0, count))) {
                    case NEEDS_MORE -> Thread.sleep(BETWEEN_SIPS);
                    case MALFORMED -> throw new IOException(reader.problem());
                    case COMPLETE -> {
                        if (reader.status() != 200) {
                            throw new IOException("status " + reader.status());
                        }
                        return;
                    }
                }
            }
        }
    }
}
