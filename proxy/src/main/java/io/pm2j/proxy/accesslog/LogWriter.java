package io.pm2j.proxy.accesslog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/// The thread that writes the blocks of all loops of one log, in the order they come. It waits
/// for the file as long as it has to; nobody waits for it.
final class LogWriter {
    private final LineSink sink;
    private final LineFormat format;
    private final LongSupplier lostByLoops;
    private final Thread thread =
            Thread.ofPlatform().name("pm2j-access-log").daemon().unstarted(this::run);
    private final Queue<Block> full = new ConcurrentLinkedQueue<>();
    /// When the write under way began, 0 when there is none.
    private volatile long busySinceNanos;
    /// Lines that were taken and are not written.
    private final AtomicLong unwritten = new AtomicLong();

    private volatile boolean ending;
    private volatile long lostByFile;

    private final Stamp stamp = new Stamp();
    private long lostTold;

    LogWriter(LineSink sink, LineFormat format, LongSupplier lostByLoops) {
        this.sink = sink;
        this.format = format;
        this.lostByLoops = lostByLoops;
    }

    void start() {
        thread.start();
    }

    /// Any thread.
    void take(Block block) {
        unwritten.addAndGet(block.lines);
        full.add(block);
        LockSupport.unpark(thread);
    }

    /// Any thread: ends when all that was taken before is written.
    void end() {
        ending = true;
        LockSupport.unpark(thread);
    }

    boolean awaitEnd(long nanos) throws InterruptedException {
        return thread.join(Duration.ofNanos(nanos));
    }

    /// Any thread: whether somebody writes, and the write under way has not taken `patienceNanos`
    /// so far.
    boolean moves(long patienceNanos) {
        long since = busySinceNanos;
        return thread.isAlive() && (since == 0 || System.nanoTime() - since < patienceNanos);
    }

    long lost() {
        return lostByFile + lostByLoops.getAsLong();
    }

    /// Any thread: lines that were taken and are not written.
    long unwritten() {
        return unwritten.get();
    }

    private void run() {
        while (true) {
            boolean last = ending;
            Block next = full.poll();
            if (next != null) {
                write(next);
            } else if (last) {
                break;
            } else {
                tellLost();
                // Woken too often is harmless, too seldom is not: take() and end() come after what they tell of.
                LockSupport.park(this);
            }
        }
        tellLost();
        closeSink();
    }

    private void write(Block block) {
        tellLost();
        long lines = block.lines;
        addLost(writeAll(block));
        unwritten.addAndGet(-lines);
        LoopAccessLog owner = block.owner;
        if (owner != null) {
            owner.back(block);
        }
    }

    /// How many lines were not written.
    private long writeAll(Block block) {
        busySinceNanos = System.nanoTime() | 1;
        try {
            return sink.write(ByteBuffer.wrap(block.bytes, 0, block.length));
        } catch (IOException | RuntimeException e) {
            AccessLog.LOG.atDebug().setCause(e).log("access log lines are lost");
            return block.lines;
        } finally {
            busySinceNanos = 0;
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // this thread alone writes
    private void addLost(long lines) {
        if (lines > 0) {
            lostByFile += lines;
        }
    }

    /// Once the file takes lines again it says itself what is missing in it.
    private void tellLost() {
        long lost = lost();
        if (lost == lostTold) {
            return;
        }
        Block note = new Block(null);
        format.lost(lost - lostTold, System.currentTimeMillis(), stamp, note);
        if (writeAll(note) == 0) {
            AccessLog.LOG.atWarn().addKeyValue("lost", lost - lostTold).log("access log lines were lost");
            lostTold = lost;
        }
    }

    private void closeSink() {
        try {
            sink.close();
        } catch (IOException | RuntimeException e) {
            AccessLog.LOG.atWarn().addKeyValue("cause", e.toString()).log("closing an access log failed");
        }
    }
}
