package io.pm2j.proxy.accesslog;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Keeps lines in memory; may be shut, as a disk that does not answer.
final class CollectingSink implements LineSink {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile long nanosAWrite;
    private volatile boolean full;
    private volatile boolean dies;
    final CountDownLatch closed = new CountDownLatch(1);

    void shut() {
        gate = new CountDownLatch(1);
    }

    void opens() {
        gate.countDown();
    }

    void takes(long nanos) {
        nanosAWrite = nanos;
    }

    void full(boolean isFull) {
        full = isFull;
    }

    void dies() {
        dies = true;
    }

    @Override
    public long write(ByteBuffer lines) {
        if (dies) {
            throw new OutOfMemoryError("made up");
        }
        try {
            gate.await();
            // Not parked: the log unparks its writer.
            boolean _ = new CountDownLatch(1).await(nanosAWrite, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        byte[] copy = new byte[lines.remaining()];
        lines.get(copy);
        if (full) {
            return new String(copy, StandardCharsets.UTF_8).lines().count();
        }
        synchronized (bytes) {
            bytes.writeBytes(copy);
        }
        return 0;
    }

    List<String> lines() {
        synchronized (bytes) {
            return bytes.toString(StandardCharsets.UTF_8).lines().toList();
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
