package io.pm2j.proxy.admission;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Where passwords are hashed: a few threads with a bounded queue, shared by all routes. Hashing
/// takes a tenth of a second of a core, so it must neither hold a loop nor take all cores.
public final class PasswordThreads implements AutoCloseable {
    private static final int WAITING = 256;
    private static final int IDLE_SECONDS = 30;

    private final ThreadPoolExecutor threads;

    public PasswordThreads(int most) {
        this(most, WAITING);
    }

    PasswordThreads(int most, int waiting) {
        var count = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                most, most, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(waiting), work -> {
                    var thread = new Thread(work, "pm2j-passwords-" + count.getAndIncrement());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /// False when so many wait already that this one cannot.
    boolean run(Runnable work) {
        try {
            threads.execute(work);
            return true;
        } catch (RejectedExecutionException full) {
            return false;
        }
    }

    /// What was taken is still done; nothing more is.
    @Override
    public void close() {
        threads.shutdown();
    }
}
