package io.pm2j.proxy.upstream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A named set of endpoints. Requests that find the set empty wait until [#admit] brings one.
public final class Upstream {
    private static final Endpoint[] NONE = {};
    /// An endpoint nobody waited for is forgotten after this time; its idle connections are long gone.
    private static final long FORGET_NANOS = TimeUnit.MINUTES.toNanos(2);

    private final String name;
    private final List<? extends LoopAgent> loops;
    private final int maxWaiting;
    private final Map<Long, Endpoint> known = new HashMap<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile Endpoint[] admitted = NONE;
    /// Where the next look begins; only a hint, so that loops may overwrite each other.
    private int cursor;

    public Upstream(String name, List<? extends LoopAgent> loops, int maxWaiting) {
        this.name = name;
        this.loops = loops;
        this.maxWaiting = maxWaiting;
    }

    public String name() {
        return name;
    }

    /// Makes `ready` the exact set that may be given new requests. Once this returns, no new lease
    /// goes to an endpoint left out. The last call wins.
    public synchronized void admit(Set<EndpointSpec> ready) {
        List<Endpoint> next = new ArrayList<>(ready.size());
        for (EndpointSpec spec : ready) {
            Endpoint endpoint = known.computeIfAbsent(spec.id(), id -> new Endpoint(spec, loops.size()));
            endpoint.become(spec);
            endpoint.admit(true);
            next.add(endpoint);
        }
        admitted = next.toArray(NONE);
        long now = System.nanoTime();
        for (Endpoint endpoint : known.values()) {
            if (endpoint.admitted() && !next.contains(endpoint)) {
                endpoint.leftOutAtNanos = now;
                endpoint.admit(false);
            }
        }
        known.values().removeIf(e -> !e.admitted() && e.inFlight() == 0 && now - e.leftOutAtNanos > FORGET_NANOS);
        for (LoopAgent loop : loops) {
            loop.wake(this);
        }
    }

    /// Waits until nothing is in flight at endpoint `id`, then closes the idle connections to it on every
    /// loop and waits until they are closed. Blocks: virtual threads only.
    public Drained awaitIdle(long id, Duration limit) throws InterruptedException {
        long start = System.nanoTime();
        long deadline = start + limit.toNanos();
        Endpoint endpoint = find(id);
        if (endpoint == null) {
            return new Drained.Idle(Duration.ZERO);
        }
        if (!endpoint.awaitZero(deadline)) {
            return new Drained.TimedOut(endpoint.inFlight());
        }
        CountDownLatch closed = new CountDownLatch(loops.size());
        for (LoopAgent loop : loops) {
            loop.closeIdle(endpoint, closed::countDown);
        }
        // Closing is short work on each loop; a second beyond the limit is better than a false alarm.
        long left = Math.max(deadline - System.nanoTime(), TimeUnit.SECONDS.toNanos(1));
        if (!closed.await(left, TimeUnit.NANOSECONDS)) {
            return new Drained.TimedOut(endpoint.inFlight());
        }
        forget(endpoint);
        return new Drained.Idle(Duration.ofNanos(System.nanoTime() - start));
    }

    private synchronized @Nullable Endpoint find(long id) {
        return known.get(id);
    }

    private synchronized void forget(Endpoint endpoint) {
        if (!endpoint.admitted() && endpoint.inFlight() == 0) {
            known.remove(endpoint.spec().id(), endpoint);
        }
    }

    /// Claims a lease on the endpoint with fewer in flight of two, an endpoint other than `avoid` where
    /// there is one; null when nothing is admitted. Called on loop number `loop`.
    public @Nullable Endpoint claim(int loop, @Nullable Endpoint avoid) {
        for (; ; ) {
            Endpoint[] set = admitted;
            if (set.length == 0) {
                return null;
            }
            Endpoint picked = pick(set, avoid);
            // A lost race means that a newer set is being published: look again.
            if (picked.claim(loop)) {
                return picked;
            }
            if (set == admitted) {
                Thread.onSpinWait();
            }
        }
    }

    private Endpoint pick(Endpoint[] set, @Nullable Endpoint avoid) {
        int n = set.length;
        if (n == 1) {
            return set[0];
        }
        // The first goes round, the second is random: equal loads are served in turn.
        int first = Math.floorMod(cursor++, n);
        int second = Math.floorMod(first + 1 + ThreadLocalRandom.current().nextInt(n - 1), n);
        if (set[first] == avoid) {
            return set[second];
        }
        if (set[second] == avoid) {
            return set[first];
        }
        return set[second].inFlight() < set[first].inFlight() ? set[second] : set[first];
    }

    /// Takes a place in the queue; false when it is full.
    public boolean startWaiting() {
        if (waiting.incrementAndGet() <= maxWaiting) {
            return true;
        }
        waiting.decrementAndGet();
        return false;
    }

    public void stopWaiting() {
        waiting.decrementAndGet();
    }

    /// How many requests wait for an endpoint.
    public int waiting() {
        return waiting.get();
    }

    /// How many endpoints may be given requests.
    public int size() {
        return admitted.length;
    }
}
