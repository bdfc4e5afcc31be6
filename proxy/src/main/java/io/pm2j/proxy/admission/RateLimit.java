package io.pm2j.proxy.admission;

import io.pm2j.config.spec.edge.LimitSpec.Rate;
import java.util.concurrent.atomic.AtomicLongArray;

/// A token bucket for each client, in memory that does not grow.
///
/// A bucket is one number, the time at which it will be full again (the theoretical arrival time
/// of GCRA, ITU-T I.371): a request passes when that time, moved on by one token's, is not
/// further away than a full bucket's. So one word holds a client, 20 bits of its hash and 44 of
/// that time, and changes by compare-and-set.
///
/// A client's word is in one of the eight slots of its set. In a full set the bucket nearest to
/// being full is forgotten, and its client begins with a full one: where more clients come at
/// once than there are slots, some pass more than they should, and none less. Time runs round
/// after 2^44 units, months for any limit of use; a bucket that seems further away than it can be
/// is from before.
final class RateLimit {
    static final int WAYS = 8;
    static final int SLOTS = 32_768;

    private static final int TIME_BITS = 44;
    private static final long TIME = (1L << TIME_BITS) - 1;
    private static final int FINEST_BITS = 10;

    private final AtomicLongArray slots;
    private final int sets;
    private final long startNanos;
    /// A unit is `1 << shift` nanoseconds: about a thousandth of what a token takes.
    private final int shift;
    private final long token;
    private final long full;
    private final long stale;

    RateLimit(Rate rate, long nowNanos) {
        this(rate, nowNanos, SLOTS);
    }

    RateLimit(Rate rate, long nowNanos, int slotCount) {
        double tokenNanos = Math.max(1, (double) rate.every().toNanos() / rate.tokens());
        int magnitude = 63 - Long.numberOfLeadingZeros((long) tokenNanos);
        slots = new AtomicLongArray(slotCount);
        sets = slotCount / WAYS;
        startNanos = nowNanos;
        shift = Math.max(0, magnitude - FINEST_BITS);
        token = Math.round(tokenNanos / (1L << shift));
        full = token * rate.burst();
        stale = 2 * full + (1_000_000_000L >> shift);
    }

    /// Takes a token of the client with this hash: 0 when there was one, else the nanoseconds
    /// until there is.
    long take(long hash, long nowNanos) {
        int first = (int) (hash & sets - 1) * WAYS;
        // Never 0, which is an empty slot.
        long print = hash >>> TIME_BITS | 1;
        long now = nowNanos - startNanos >>> shift & TIME;
        while (true) {
            int slot = slotOf(first, print, now);
            long word = slots.get(slot);
            boolean own = word >>> TIME_BITS == print;
            long next = (own ? debt(word, now) : 0) + token;
            if (next > full) {
                return next - full << shift;
            }
            if (slots.compareAndSet(slot, word, print << TIME_BITS | now + next & TIME)) {
                return 0;
            }
        }
    }

    /// The client's slot, or the one to put it in.
    private int slotOf(int first, long print, long now) {
        int best = first;
        long least = Long.MAX_VALUE;
        for (int slot = first; slot < first + WAYS; slot++) {
            long word = slots.get(slot);
            if (word >>> TIME_BITS == print) {
                return slot;
            }
            long debt = word == 0 ? -1 : debt(word, now);
            if (debt < least) {
                least = debt;
                best = slot;
            }
        }
        return best;
    }

    /// How far from full the bucket is, in units of time.
    private long debt(long word, long now) {
        long debt = (word & TIME) - now & TIME;
        return debt > stale ? 0 : debt;
    }

    /// Nanoseconds in which an empty bucket fills.
    long fullNanos() {
        return full << shift;
    }
}
