package io.pm2j.proxy.upstream;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Lets those who waited go at a rate that grows with time, so that a program which has just come
/// up is not flooded: some at once, then as many as the square of the time. It goes on growing until
/// nobody waits any more; what comes meanwhile queues up behind.
final class Ramp {
    private static final long SOONEST_NANOS = 1_000_000;

    private final long startNanos;
    private final double nanos;
    private final long atOnce;
    private final long most;
    private final AtomicLong gone = new AtomicLong();
    private final AtomicBoolean timed = new AtomicBoolean();

    /// `most` are let go within `nanos`, `atOnce` of them immediately.
    Ramp(long startNanos, long nanos, long atOnce, long most) {
        this.startNanos = startNanos;
        this.nanos = Math.max(nanos, 1);
        this.atOnce = Math.max(1, atOnce);
        this.most = Math.max(1, most);
    }

    /// How many may have gone by then.
    long allowed(long nowNanos) {
        double part = (nowNanos - startNanos) / nanos;
        return atOnce + (long) (part * part * most);
    }

    boolean open(long nowNanos) {
        return gone.get() < allowed(nowNanos);
    }

    void oneWent() {
        gone.incrementAndGet();
    }

    /// In how many nanoseconds the next may go.
    long nextIn(long nowNanos) {
        double missing = Math.max(0, gone.get() + 1 - atOnce);
        long at = startNanos + (long) (Math.sqrt(missing / most) * nanos);
        return Math.max(at - nowNanos, SOONEST_NANOS);
    }

    /// True for the one who has to set a timer.
    boolean setsTimer() {
        return timed.compareAndSet(false, true);
    }

    void timerRang() {
        timed.set(false);
    }
}
