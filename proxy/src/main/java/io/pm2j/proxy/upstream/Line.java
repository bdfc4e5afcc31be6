package io.pm2j.proxy.upstream;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Who waits on one loop, in the order of coming. Other loops see since when the first waits, no more.
final class Line {
    /// What a waiter counts for.
    record Place(long sinceNanos, int bytes) {}

    private final Map<Waiter, Place> places = new LinkedHashMap<>();
    private final AtomicBoolean waking = new AtomicBoolean();
    private volatile long headSince = Long.MAX_VALUE;
    private boolean serving;

    void add(Waiter waiter, int bytes, long nowNanos) {
        places.put(waiter, new Place(nowNanos, bytes));
        showHead();
    }

    @Nullable
    Place remove(Waiter waiter) {
        Place place = places.remove(waiter);
        showHead();
        return place;
    }

    private void showHead() {
        headSince = places.isEmpty()
                ? Long.MAX_VALUE
                : places.values().iterator().next().sinceNanos();
    }

    @Nullable
    Waiter first() {
        return places.isEmpty() ? null : places.keySet().iterator().next();
    }

    /// Any thread: since when the first waits, [Long#MAX_VALUE] when there is none.
    long headSince() {
        return headSince;
    }

    /// Any thread: true for the one who has to wake this line's loop.
    boolean toBeWoken() {
        return waking.compareAndSet(false, true);
    }

    /// The loop is about to look, and will see what was there before.
    void woken() {
        waking.set(false);
    }

    /// False while it is being served already, further up the stack.
    boolean begin() {
        if (serving) {
            return false;
        }
        serving = true;
        return true;
    }

    void end() {
        serving = false;
    }
}
