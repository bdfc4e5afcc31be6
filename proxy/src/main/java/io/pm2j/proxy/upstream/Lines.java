package io.pm2j.proxy.upstream;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Those who wait for an endpoint: a line for each loop, touched by that loop alone.
///
/// **No wake-up is lost.** Who queues up first counts itself and shows itself in its line (volatile
/// writes) and then tries to claim. Who makes a place free first does so (a volatile write: a lease given
/// back, a set published) and then looks for somebody who waits. So at least one sees the other.
/// A woken loop takes places until there is none or its line is empty; in the second case it wakes
/// the next line while a place is open. So while somebody waits and a place is open, some loop has
/// been woken and has not looked yet.
///
/// **Nobody is woken for nothing** but by a race: one loop a place, the one that has waited longest.
/// Within a line the order is exact, between lines to [#FAIR_NANOS].
final class Lines {
    private static final Logger LOG = LoggerFactory.getLogger(Lines.class);
    private static final long NOBODY = Long.MAX_VALUE;
    private static final long FAIR_NANOS = 10_000_000;

    private final Upstream upstream;
    private final List<? extends LoopAgent> loops;
    private final Line[] lines;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final Pace pace = new Pace();
    private volatile @Nullable Ramp ramp;

    Lines(Upstream upstream, List<? extends LoopAgent> loops) {
        this.upstream = upstream;
        this.loops = loops;
        lines = new Line[loops.size()];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = new Line();
        }
    }

    int waiting() {
        return waiting.get();
    }

    long bytes() {
        return bytes.get();
    }

    /// How many are let go in a second.
    double perSecond() {
        return pace.perSecond(System.nanoTime());
    }

    /// Queues `waiter` up on its loop; perhaps its turn comes before this returns. False when the queue is full.
    boolean join(int loop, Waiter waiter, QueueSpec bounds) {
        int held = waiter.heldBytes();
        if (waiting.incrementAndGet() > bounds.most()) {
            waiting.decrementAndGet();
            return false;
        }
        if (bytes.addAndGet(held) > bounds.mostBytes() && held > 0) {
            bytes.addAndGet(-held);
            waiting.decrementAndGet();
            return false;
        }
        lines[loop].add(waiter, held, System.nanoTime());
        serve(loop);
        return true;
    }

    /// Gives the place of `waiter` up, on its loop.
    void leave(int loop, Waiter waiter) {
        Line.Place place = lines[loop].remove(waiter);
        if (place != null) {
            gone(place);
            if (waiting.get() == 0) {
                ramp = null;
            }
        }
    }

    private void gone(Line.Place place) {
        bytes.addAndGet(-place.bytes());
        waiting.decrementAndGet();
    }

    /// From now on those who wait go by `next`, until nobody waits.
    void rampUp(Ramp next) {
        ramp = next;
    }

    /// A lease on `endpoint` has been given back while somebody waited.
    void freed(Endpoint endpoint) {
        if (endpoint.isOpen()) {
            wakeOldest();
        }
    }

    /// New places: every loop with somebody waiting looks.
    void wakeAll() {
        for (int loop = 0; loop < lines.length; loop++) {
            if (lines[loop].headSince() != NOBODY) {
                wake(loop);
            }
        }
    }

    private void wakeOldest() {
        int oldest = oldest();
        if (oldest >= 0) {
            wake(oldest);
        }
    }

    private int oldest() {
        int oldest = -1;
        long since = NOBODY;
        for (int loop = 0; loop < lines.length; loop++) {
            long head = lines[loop].headSince();
            if (head != NOBODY && (oldest < 0 || head - since < 0)) {
                oldest = loop;
                since = head;
            }
        }
        return oldest;
    }

    private void wake(int loop) {
        if (lines[loop].toBeWoken()) {
            loops.get(loop).wake(upstream);
        }
    }

    /// Gives as many places as there are to those who wait on `loop`, in their order.
    void serve(int loop) {
        Line line = lines[loop];
        line.woken();
        if (!line.begin()) {
            return;
        }
        try {
            for (Waiter first = line.first(); first != null; first = line.first()) {
                if (!mayGo(loop) || !serveFirst(loop, line, first)) {
                    return;
                }
                if (othersAreOlder(loop)) {
                    break;
                }
            }
        } finally {
            line.end();
        }
        if (waiting.get() == 0) {
            ramp = null;
        } else if (upstream.hasPlace(loop)) {
            wakeOldest();
        }
    }

    private boolean serveFirst(int loop, Line line, Waiter first) {
        Endpoint endpoint = upstream.take(loop, first);
        if (endpoint == null) {
            return false;
        }
        Line.Place place = line.remove(first);
        if (place != null) {
            gone(place);
        }
        Ramp slowly = ramp;
        if (slowly != null) {
            slowly.oneWent();
        }
        pace.one();
        try {
            first.granted(endpoint);
        } catch (RuntimeException e) {
            // Those behind must not wait for good because of one.
            LOG.error("{}: a request that waited could not go on", upstream.name(), e);
        }
        return true;
    }

    private boolean mayGo(int loop) {
        Ramp slowly = ramp;
        long now = System.nanoTime();
        if (slowly == null || slowly.open(now)) {
            return true;
        }
        if (slowly.setsTimer()) {
            loops.get(loop).after(slowly.nextIn(now), () -> {
                slowly.timerRang();
                wakeOldest();
            });
        }
        return false;
    }

    private boolean othersAreOlder(int loop) {
        int oldest = oldest();
        return oldest >= 0
                && oldest != loop
                && lines[oldest].headSince() - lines[loop].headSince() < -FAIR_NANOS
                && lines[loop].headSince() != NOBODY;
    }
}
