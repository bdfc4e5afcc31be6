package io.pm2j.proxy.upstream;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntSupplier;

/// One endpoint and its leases.
///
/// **The invariant.** Each loop has a counter of its own that only this loop writes. A claim first counts
/// itself (a volatile write) and then looks at [#open]; closing first clears `open` (a volatile
/// write) and then adds up the counters. Volatile accesses have one total order, so of a claim and a closing
/// at the same time at least one sees the other: either the claim sees it came too late and undoes its
/// count, or the sum sees the claim. Once `open` is false no claim succeeds, so the sum of the counters
/// can reach zero and a zero, read counter by counter, is final. An endpoint left out is closed too.
public final class Endpoint {
    /// Longs between two counters: 128 bytes, so that loops do not share cache lines.
    private static final int STRIDE = 16;
    /// Where a loop keeps what requests usually take, beside its counter.
    private static final int LATENCY = 1;
    /// And how many of its leases go on until somebody ends them.
    private static final int STREAMS = 2;

    private final String upstream;
    private volatile EndpointSpec spec;
    private volatile long slotHash;
    private final AtomicLongArray leases;
    private final int loops;
    private final Lines lines;
    private volatile boolean admitted;
    private volatile boolean open;
    private volatile boolean awaited;
    private volatile boolean suspect;
    private volatile long warmFromNanos;
    private volatile long warmNanos;
    volatile long leftOutAtNanos;

    private Watch watch = Watch.NONE;
    /// What probes say; with `ejectedUntil` kept by the upstream, under its lock.
    boolean well = true;

    boolean ejected;
    long ejectedUntilNanos;

    Endpoint(EndpointSpec spec, int loops, Lines lines, String upstream) {
        this.upstream = upstream;
        this.spec = spec;
        slotHash = Hash.of(spec.slot());
        this.loops = loops;
        this.lines = lines;
        leases = new AtomicLongArray((loops + 1) * STRIDE);
    }

    /// Before anybody else sees it.
    void watchedBy(Watch theWatch) {
        watch = theWatch;
    }

    /// The name of its upstream.
    public String upstream() {
        return upstream;
    }

    Watch watch() {
        return watch;
    }

    /// The newest spec of this id: its origin is the one to dial.
    public EndpointSpec spec() {
        return spec;
    }

    /// New connections go to the origin of `newest`; open ones stay as they are.
    void become(EndpointSpec newest) {
        spec = newest;
        slotHash = Hash.of(newest.slot());
    }

    long slotHash() {
        return slotHash;
    }

    /// Whether it belongs to the set; an ejected one does.
    public boolean admitted() {
        return admitted;
    }

    /// Whether it may be given requests.
    public boolean isOpen() {
        return open;
    }

    void admit() {
        admitted = true;
    }

    void leaveOut(long nowNanos) {
        leftOutAtNanos = nowNanos;
        admitted = false;
        open = false;
    }

    void open(boolean may) {
        open = may;
    }

    /// From `fromNanos` on its share grows, until it is whole after `nanos`.
    void warmUp(long fromNanos, long nanos) {
        warmFromNanos = fromNanos;
        warmNanos = nanos;
    }

    /// Whether its share is not whole yet.
    boolean warming() {
        return warmNanos != 0;
    }

    /// What part of its weight counts already, at least a tenth.
    double share(long nowNanos) {
        long whole = warmNanos;
        if (whole == 0) {
            return 1;
        }
        double share = (nowNanos - warmFromNanos) / (double) whole;
        if (share >= 1) {
            warmNanos = 0;
        }
        return Math.clamp(share, 0.1, 1);
    }

    /// Claims a lease for `loop`, on that loop; false when the endpoint has been closed.
    boolean claim(int loop) {
        int slot = (loop + 1) * STRIDE;
        leases.set(slot, leases.getPlain(slot) + 1);
        if (open) {
            return true;
        }
        release(loop);
        return false;
    }

    /// Has a lease for `loop`, on that loop, that was claimed in the program before this one: there
    /// it is not asked whether anything new may begin.
    void inherit(int loop) {
        int slot = (loop + 1) * STRIDE;
        leases.set(slot, leases.getPlain(slot) + 1);
    }

    /// Gives a lease back, on the loop that claimed it.
    public void release(int loop) {
        int slot = (loop + 1) * STRIDE;
        leases.set(slot, leases.getPlain(slot) - 1);
        if (lines.waiting() > 0) {
            lines.freed(this);
        }
        if (awaited) {
            signal();
        }
    }

    /// A request went well there, its answer beginning `nanos` after it was sent; or it failed: no
    /// connection, none any more before the answer, or an answer of 502, 503 or 504. On `loop`.
    public void observe(int loop, long nanos, boolean ok) {
        int slot = (loop + 1) * STRIDE + LATENCY;
        leases.setPlain(slot, Latency.after(leases.getPlain(slot), nanos, ok));
        if (!ok) {
            suspect = true;
            watch.failed();
        } else if (suspect) {
            suspect = false;
            watch.succeeded();
        }
    }

    /// What requests of `loop` usually take.
    long latency(int loop) {
        return leases.getPlain((loop + 1) * STRIDE + LATENCY);
    }

    void latency(int loop, long usual) {
        leases.setPlain((loop + 1) * STRIDE + LATENCY, usual);
    }

    /// A lease of `loop` has become a stream, which goes on until one side ends it; on that loop.
    public void streamBegan(int loop) {
        int slot = (loop + 1) * STRIDE + STREAMS;
        leases.set(slot, leases.getPlain(slot) + 1);
        if (awaited) {
            signal();
        }
    }

    /// A stream of `loop` has ended, and its lease is given back next; on that loop.
    public void streamEnded(int loop) {
        int slot = (loop + 1) * STRIDE + STREAMS;
        leases.set(slot, leases.getPlain(slot) - 1);
    }

    /// The leases that have become streams.
    public int streams() {
        long sum = 0;
        for (int loop = 0; loop < loops; loop++) {
            sum += leases.get((loop + 1) * STRIDE + STREAMS);
        }
        return (int) sum;
    }

    /// The leases that have not. Of each loop those are read first, and once nothing can be claimed only leases
    /// that are there can become streams: a zero is final.
    int unanswered() {
        long sum = 0;
        for (int loop = 0; loop < loops; loop++) {
            long all = leases.get((loop + 1) * STRIDE);
            sum += all - leases.get((loop + 1) * STRIDE + STREAMS);
        }
        return (int) sum;
    }

    /// Leases of all loops; exact only once nothing can be claimed any more.
    public int inFlight() {
        long sum = 0;
        for (int loop = 0; loop < loops; loop++) {
            sum += leases.get((loop + 1) * STRIDE);
        }
        return (int) sum;
    }

    /// What requests usually take, over all loops; 0 when that is not known.
    long usualNanos() {
        long sum = 0;
        int known = 0;
        for (int loop = 0; loop < loops; loop++) {
            long usual = leases.getOpaque((loop + 1) * STRIDE + LATENCY);
            sum += usual;
            known += usual == Latency.UNKNOWN ? 0 : 1;
        }
        return known == 0 ? 0 : Latency.nanos(sum / known);
    }

    private synchronized void signal() {
        notifyAll();
    }

    /// Waits for zero leases until `deadlineNanos`; false when the time is up.
    boolean awaitZero(long deadlineNanos) throws InterruptedException {
        return awaitZero(this::inFlight, deadlineNanos);
    }

    /// Waits until streams are all that is left, or nothing; false when the time is up.
    boolean awaitAnswered(long deadlineNanos) throws InterruptedException {
        return awaitZero(this::unanswered, deadlineNanos);
    }

    private synchronized boolean awaitZero(IntSupplier what, long deadlineNanos) throws InterruptedException {
        awaited = true;
        while (what.getAsInt() > 0) {
            long leftMs = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (leftMs <= 0) {
                return false;
            }
            wait(Math.min(leftMs, 100));
        }
        return true;
    }
}
