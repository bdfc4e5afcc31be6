package io.pm2j.supervisor.log;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/// The lines of all apps as they are printed, for whoever follows them. A follower that is slower
/// than the apps loses lines, counted, and slows nobody: no more than 10 000 lines and 4 Mi
/// characters wait for it.
public final class LogFeed {
    private static final int MOST_WAITING = 10_000;
    private static final int MOST_WAITING_CHARS = 4 * 1024 * 1024;

    private final List<Follower> followers = new CopyOnWriteArrayList<>();

    /// Passes a line to every follower that wants it; never blocks.
    public void publish(LogRecord line) {
        LogSource source = line.source();
        for (Follower follower : followers) {
            if (follower.wanted.test(source)) {
                follower.offer(line);
            }
        }
    }

    /// Whether anybody follows `source`, so that lines need not be cut when nobody does.
    boolean followed(LogSource source) {
        for (Follower follower : followers) {
            if (follower.wanted.test(source)) {
                return true;
            }
        }
        return false;
    }

    /// Follows the lines of the sources that `wanted` accepts from now on, until closed. `wanted`
    /// is asked often, by the thread that reads: it must be fast, and may change its mind.
    public Follower follow(Predicate<LogSource> wanted) {
        Follower follower = new Follower(wanted);
        followers.add(follower);
        return follower;
    }

    /// One who follows.
    public final class Follower implements AutoCloseable {
        private final Predicate<LogSource> wanted;
        private final BlockingQueue<LogRecord> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
        private final AtomicLong lost = new AtomicLong();
        private final AtomicInteger waitingChars = new AtomicInteger();

        private Follower(Predicate<LogSource> wanted) {
            this.wanted = wanted;
        }

        /// The next line; waits for it.
        public LogRecord next() throws InterruptedException {
            LogRecord line = waiting.take();
            waitingChars.addAndGet(-line.text().length());
            return line;
        }

        /// How many lines were lost since the last call.
        public long takeLost() {
            return lost.getAndSet(0);
        }

        private void offer(LogRecord line) {
            int length = line.text().length();
            // Counted before it waits: the reader may have it at once.
            if (waitingChars.addAndGet(length) > MOST_WAITING_CHARS || !waiting.offer(line)) {
                waitingChars.addAndGet(-length);
                lost.incrementAndGet();
            }
        }

        @Override
        public void close() {
            followers.remove(this);
        }
    }
}
