package io.pm2j.proxy.upstream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
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
    private final Balancer balancer;

    public Upstream(String name, List<? extends LoopAgent> loops, int maxWaiting) {
        this(name, loops, maxWaiting, Balance.DEFAULT);
    }

    public Upstream(String name, List<? extends LoopAgent> loops, int maxWaiting, Balance balance) {
        this.balancer = new Balancer(balance);
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
        long now = System.nanoTime();
        List<Endpoint> next = new ArrayList<>(ready.size());
        for (EndpointSpec spec : ready) {
            Endpoint endpoint = known.computeIfAbsent(spec.id(), id -> new Endpoint(spec, loops.size()));
            endpoint.become(spec);
            endpoint.admit(now);
            next.add(endpoint);
        }
        admitted = next.toArray(NONE);
        for (Endpoint endpoint : known.values()) {
            if (endpoint.admitted() && !next.contains(endpoint)) {
                endpoint.leaveOut(now);
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

    /// Claims a lease on the endpoint that the balancer chooses, one other than `avoid` where there is
    /// one; null when nothing is admitted, or all have as many as they may have. `key` is what a hash
    /// goes by. Called on loop number `loop`.
    public @Nullable Endpoint claim(int loop, long key, @Nullable Endpoint avoid) {
        for (; ; ) {
            Endpoint[] set = admitted;
            if (set.length == 0) {
                return null;
            }
            Endpoint picked = balancer.pick(set, key, avoid);
            if (picked == null) {
                return null;
            }
            // A lost race means that a newer set is being published: look again.
            if (picked.claim(loop)) {
                return picked;
            }
            if (set == admitted) {
                Thread.onSpinWait();
            }
        }
    }

    /// Claims a lease on `wanted` for one who has been there before; false when it is left out,
    /// or has as many
    /// as it may have. Called on loop number `loop`.
    public boolean claimAgain(int loop, Endpoint wanted) {
        return balancer.open(wanted) && wanted.claim(loop);
    }

    /// As [#claim(int, long, Endpoint)], where no key matters.
    public @Nullable Endpoint claim(int loop, @Nullable Endpoint avoid) {
        return claim(loop, 0, avoid);
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
