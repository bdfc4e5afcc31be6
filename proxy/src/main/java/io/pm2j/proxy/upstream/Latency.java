package io.pm2j.proxy.upstream;

/// How long an endpoint has lately taken to answer, as one loop saw it. Confined to that loop.
///
/// Peak EWMA (Finagle): a slower answer counts at once, a faster one little by little, with a half-life of seconds; so
/// a
/// program that begins to struggle is spared at the first sign, and comes back when it has recovered.
final class Latency {
    /// After so long without news the past counts 1/e.
    private static final double MEMORY_NANOS = 5e9;

    /// What is as young as this has not faded: most looks need no exponential.
    private static final long FRESH_NANOS = 50_000_000;

    private double nanos;
    private long atNanos;

    /// An answer took `tookNanos`; it is `nowNanos`.
    void observe(long tookNanos, long nowNanos) {
        double took = Math.max(0, tookNanos);
        if (took >= nanos) {
            nanos = took;
        } else {
            double past = Math.exp((atNanos - nowNanos) / MEMORY_NANOS);
            nanos = nanos * past + took * (1 - past);
        }
        atNanos = nowNanos;
    }

    /// The estimate; 0 while nothing is known. Fades while nobody asks, so that a spared endpoint is tried again.
    double nanos(long nowNanos) {
        long age = nowNanos - atNanos;
        return nanos == 0 || age < FRESH_NANOS ? nanos : nanos * Math.exp(-age / MEMORY_NANOS);
    }
}
