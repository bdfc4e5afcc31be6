package io.pm2j.proxy.admission;

import java.util.concurrent.atomic.AtomicLongArray;

/// How many requests each client has at once, in memory that does not grow.
///
/// A word holds 40 bits of a client's hash and a count. Any word whose count is 0 may be taken
/// over, so that two threads can give one client two words. Hence the count of a client is the
/// sum over its set, and a claim first counts itself and then looks at the sum: of two claims at
/// least the later one sees both, and no limit is ever passed.
///
/// A client that finds its set full of others, each with requests of its own, is not counted.
final class ClientCounts {
    static final int UNCOUNTED = -1;
    static final int FULL = -2;

    private static final int WAYS = 16;
    private static final int SLOTS = 16_384;
    private static final int COUNT_BITS = 24;
    private static final long COUNT = (1L << COUNT_BITS) - 1;

    private final AtomicLongArray slots;
    private final int sets;
    private final int most;

    ClientCounts(int most) {
        this(most, SLOTS);
    }

    ClientCounts(int most, int slotCount) {
        this.most = (int) Math.min(most, COUNT - 1);
        slots = new AtomicLongArray(slotCount);
        sets = slotCount / WAYS;
    }

    /// Counts a request in: the slot to count it out of, [#FULL], or [#UNCOUNTED].
    int enter(long hash) {
        int first = (int) (hash & sets - 1) * WAYS;
        long print = hash >>> COUNT_BITS;
        while (true) {
            int slot = slotOf(first, print);
            if (slot == UNCOUNTED) {
                return UNCOUNTED;
            }
            long word = slots.get(slot);
            boolean own = word >>> COUNT_BITS == print;
            if (!own && (word & COUNT) != 0) {
                continue;
            }
            if (own && (word & COUNT) >= most) {
                return FULL;
            }
            if (slots.compareAndSet(slot, word, own ? word + 1 : print << COUNT_BITS | 1)) {
                if (sum(first, print) > most) {
                    leave(slot);
                    return FULL;
                }
                return slot;
            }
        }
    }

    /// Counts a request out. While it is counted nobody takes its word over.
    void leave(int slot) {
        if (slot >= 0) {
            slots.getAndDecrement(slot);
        }
    }

    private int slotOf(int first, long print) {
        int free = UNCOUNTED;
        for (int slot = first; slot < first + WAYS; slot++) {
            long word = slots.get(slot);
            if (word >>> COUNT_BITS == print) {
                return slot;
            }
            if (free == UNCOUNTED && (word & COUNT) == 0) {
                free = slot;
            }
        }
        return free;
    }

    private long sum(int first, long print) {
        long sum = 0;
        for (int slot = first; slot < first + WAYS; slot++) {
            long word = slots.get(slot);
            sum += word >>> COUNT_BITS == print ? word & COUNT : 0;
        }
        return sum;
    }

    /// All requests that are counted; exact when nobody comes or leaves.
    long total() {
        long total = 0;
        for (int slot = 0; slot < slots.length(); slot++) {
            total += slots.get(slot) & COUNT;
        }
        return total;
    }
}
