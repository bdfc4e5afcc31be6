package io.pm2j.proxy.health;

import java.util.concurrent.TimeUnit;

/// What is held against an endpoint because requests failed there; a pure decision.
///
/// So many failures in a row eject it, each time for twice as long. It comes back on probation, as long
/// as it was out: one failure then ejects it again. After that all is forgotten.
///
/// @param inRow failures since the last success
/// @param times how often it was ejected
/// @param untilNanos when the last ejection ends
/// @param lengthNanos how long that is
record Ejection(int inRow, int times, long untilNanos, long lengthNanos) {
    static final Ejection NOTHING = new Ejection(0, 0, 0, 0);
    static final int LIMIT = 5;
    static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);
    static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(60);
    /// The length varies by this part to either side, so that not all come back at once.
    static final double JITTER = 0.2;

    enum Event {
        SUCCESS,
        FAILURE
    }

    boolean out(long nowNanos) {
        return times > 0 && untilNanos - nowNanos > 0;
    }

    private boolean onProbation(long nowNanos) {
        return times > 0 && nowNanos - untilNanos < lengthNanos;
    }

    /// What is held against it after `event`; the same object when that changes nothing. `chance` is from 0 to 1.
    Ejection step(Event event, long nowNanos, double chance) {
        if (out(nowNanos)) {
            // It answers what it was asked before.
            return this;
        }
        return switch (event) {
            case SUCCESS -> inRow == 0 ? this : new Ejection(0, times, untilNanos, lengthNanos);
            case FAILURE -> {
                boolean again = onProbation(nowNanos);
                yield again || inRow + 1 >= LIMIT
                        ? ejected(nowNanos, again ? times : 0, chance)
                        : new Ejection(inRow + 1, 0, untilNanos, lengthNanos);
            }
        };
    }

    private static Ejection ejected(long nowNanos, int before, double chance) {
        long whole = Math.min(FIRST_NANOS << Math.min(before, 10), LONGEST_NANOS);
        long length = (long) (whole * (1 - JITTER + 2 * JITTER * chance));
        return new Ejection(0, before + 1, nowNanos + length, length);
    }
}
