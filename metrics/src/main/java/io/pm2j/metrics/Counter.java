package io.pm2j.metrics;

import java.util.concurrent.atomic.LongAdder;

/// A number that only grows while the process lives. Any thread; adding takes no lock.
public final class Counter {
    private final LongAdder total = new LongAdder();

    Counter() {}

    public void increment() {
        total.increment();
    }

    /// @throws IllegalArgumentException when `amount` is negative: a counter never goes back
    public void add(long amount) {
        if (amount < 0) {
            throw new IllegalArgumentException("A counter never goes back, but was asked to add " + amount);
        }
        total.add(amount);
    }

    public long value() {
        return total.sum();
    }
}
