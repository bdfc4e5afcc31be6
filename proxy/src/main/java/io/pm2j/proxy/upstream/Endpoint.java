package io.pm2j.proxy.upstream;

import java.util.concurrent.atomic.AtomicLongArray;

/// One endpoint and its leases.
///
/// **The invariant.** Each loop has a counter of its own that only this loop writes. A claim first counts
/// itself (a volatile write) and then looks at [#admitted]; leaving out first clears `admitted` (a volatile
/// write) and then adds up the counters. Volatile accesses have one total order, so of a claim and a leaving
/// out at the same time at least one sees the other: either the claim sees it came too late and undoes its
/// count, or the sum sees the claim. Once `admitted` is false no claim succeeds, so the sum of the counters
/// can reach zero and a zero, read counter by counter, is final.
public final class Endpoint {
    /// Longs between two counters: 128 bytes, so that loops do not share cache lines.
    private static final int STRIDE = 16;

    private volatile EndpointSpec spec;
    private final AtomicLongArray leases;
    private final int loops;
    private volatile boolean admitted;
    private volatile boolean watched;
    private volatile long admittedAtNanos;
    volatile long leftOutAtNanos;

    Endpoint(EndpointSpec spec, int loops) {
        this.spec = spec;
        this.loops = loops;
        leases = new AtomicLongArray((loops + 1) * STRIDE);
    }

    /// The newest spec of this id: its origin is the one to dial.
    public EndpointSpec spec() {
        return spec;
    }

    /// New connections go to the origin of `newest`; open ones stay as they are.
    void become(EndpointSpec newest) {
        spec = newest;
    }

    public boolean admitted() {
        return admitted;
    }

    void admit(long nowNanos) {
        if (!admitted) {
            admittedAtNanos = nowNanos;
        }
        admitted = true;
    }

    void leaveOut(long nowNanos) {
        leftOutAtNanos = nowNanos;
        admitted = false;
    }

    /// Since when it may be given requests.
    long admittedAtNanos() {
        return admittedAtNanos;
    }

    /// Claims a lease for `loop`, on that loop; false when the endpoint has been left out.
    boolean claim(int loop) {
        int slot = (loop + 1) * STRIDE;
        leases.set(slot, leases.getPlain(slot) + 1);
        if (admitted) {
            return true;
        }
        release(loop);
        return false;
    }

    /// Gives a lease back, on the loop that claimed it.
    public void release(int loop) {
        int slot = (loop + 1) * STRIDE;
        leases.set(slot, leases.getPlain(slot) - 1);
        if (watched) {
            signal();
        }
    }

    /// Leases of all loops; exact only once nothing can be claimed any more.
    public int inFlight() {
        long sum = 0;
        for (int loop = 0; loop < loops; loop++) {
            sum += leases.get((loop + 1) * STRIDE);
        }
        return (int) sum;
    }

    private synchronized void signal() {
        notifyAll();
    }

    /// Waits for zero leases until `deadlineNanos`; false when the time is up.
    synchronized boolean awaitZero(long deadlineNanos) throws InterruptedException {
        watched = true;
        while (inFlight() > 0) {
            long leftMs = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (leftMs <= 0) {
                return false;
            }
            wait(Math.min(leftMs, 100));
        }
        return true;
    }
}
