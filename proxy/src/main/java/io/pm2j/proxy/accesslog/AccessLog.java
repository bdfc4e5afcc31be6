package io.pm2j.proxy.accesslog;

import io.pm2j.config.spec.edge.AccessLogSpec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One `access_log` of a configuration: a part for each event loop, and one thread that writes.
///
/// A file that is slow slows requests down and loses nothing; one that takes nothing for
/// [#PATIENCE] loses lines, and slows nobody down any more. Memory is bounded either way. Any
/// thread.
public final class AccessLog implements AutoCloseable {
    static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
    static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(5);

    private final AccessLogSpec spec;
    private final List<ScheduledExecutorService> executors;
    private final List<LoopAccessLog> loops;
    private final LogWriter writer;
    private final long patienceNanos;
    private final AtomicInteger unsealed;

    private AccessLog(AccessLogSpec spec, LineSink sink, List<ScheduledExecutorService> executors, Duration patience) {
        this.spec = spec;
        this.executors = executors;
        patienceNanos = patience.toNanos();
        unsealed = new AtomicInteger(executors.size());
        LineFormat format = LineFormat.of(spec.format());
        loops = executors.stream()
                .map(loop -> new LoopAccessLog(this, loop, format))
                .toList();
        writer = new LogWriter(sink, format, this::lostByLoops);
    }

    /// Opens a log for these event loops, which then has `sink` to itself and closes it in the
    /// end.
    public static AccessLog open(
            AccessLogSpec spec, LineSink sink, List<? extends ScheduledExecutorService> eventLoops) {
        return open(spec, sink, eventLoops, PATIENCE);
    }

    static AccessLog open(
            AccessLogSpec spec, LineSink sink, List<? extends ScheduledExecutorService> eventLoops, Duration patience) {
        AccessLog log = new AccessLog(spec, sink, List.copyOf(eventLoops), patience);
        log.writer.start();
        return log;
    }

    public AccessLogSpec spec() {
        return spec;
    }

    /// The part of the event loop at `index` of those the log was opened for.
    public LoopAccessLog on(int index) {
        return loops.get(index);
    }

    /// How many lines could not be written.
    public long lost() {
        return writer.lost();
    }

    /// Ends the log once the requests under way have ended, and returns at once. What each loop
    /// was given before is done first, so a new log may be made known to the loops and this one
    /// retired right after.
    public void retire() {
        onEachLoop(LoopAccessLog::retire);
    }

    /// Ends the log now, and waits until everything is written, though not longer than five
    /// seconds.
    @Override
    public void close() {
        onEachLoop(LoopAccessLog::seal);
        try {
            if (!writer.awaitEnd(LONGEST_CLOSE.toNanos())) {
                LOG.atWarn()
                        .addKeyValue("lost", writer.unwritten())
                        .log("an access log could not be written to its end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Waits until all is written that the loops gave; false when the file takes longer than
    /// `limit`.
    public boolean awaitWritten(Duration limit) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        while (writer.unwritten() > 0) {
            if (System.nanoTime() > deadlineNanos) {
                return false;
            }
            Thread.sleep(1);
        }
        return true;
    }

    private void onEachLoop(Consumer<LoopAccessLog> step) {
        for (int i = 0; i < loops.size(); i++) {
            LoopAccessLog loop = loops.get(i);
            try {
                executors.get(i).execute(() -> step.accept(loop));
            } catch (RejectedExecutionException e) {
                LOG.debug("the loop has ended: nothing is under way on it", e);
                loop.seal();
            }
        }
    }

    private long lostByLoops() {
        return loops.stream().mapToLong(LoopAccessLog::lost).sum();
    }

    boolean moves() {
        return writer.moves(patienceNanos);
    }

    void take(Block block) {
        writer.take(block);
    }

    /// A loop has handed over its last block.
    void sealed() {
        if (unsealed.decrementAndGet() == 0) {
            writer.end();
        }
    }
}
