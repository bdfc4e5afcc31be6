package io.pm2j.supervisor;

import java.time.Duration;
import java.util.concurrent.Callable;

/// Waits for a condition that another process brings about.
public final class Eventually {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private Eventually() {}

    public static void holds(String what, Callable<Boolean> condition) throws Exception {
        long deadlineNanos = System.nanoTime() + LIMIT.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadlineNanos) {
                throw new AssertionError("not within " + LIMIT + ": " + what);
            }
            Thread.sleep(5);
        }
    }
}
