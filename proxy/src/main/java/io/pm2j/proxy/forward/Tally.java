package io.pm2j.proxy.forward;

import io.pm2j.proxy.http.Violation;
import java.util.concurrent.atomic.AtomicLongArray;

/// The counters of one event loop: written by it alone without locked instructions, read by anybody.
public final class Tally {
    private final AtomicLongArray counts = new AtomicLongArray(Count.values().length);
    private final AtomicLongArray refusals = new AtomicLongArray(Violation.values().length);

    /// On its loop.
    public void add(Count what, long n) {
        int i = what.ordinal();
        counts.setOpaque(i, counts.getPlain(i) + n);
    }

    /// On its loop.
    public void one(Count what) {
        add(what, 1);
    }

    void refused(Violation why) {
        int i = why.ordinal();
        refusals.setOpaque(i, refusals.getPlain(i) + 1);
    }

    public long of(Count what) {
        return counts.getOpaque(what.ordinal());
    }

    public long of(Violation why) {
        return refusals.getOpaque(why.ordinal());
    }
}
