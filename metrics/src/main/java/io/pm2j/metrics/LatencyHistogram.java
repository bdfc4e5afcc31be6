package io.pm2j.metrics;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/// How long things took, in the fixed buckets OpenTelemetry advises for `http.server.request.duration`.
///
/// Recorded in nanoseconds, read in seconds. Any thread; recording takes no lock. A snapshot taken while others
/// record may miss the newest, but its count always equals the sum of its buckets.
public final class LatencyHistogram {
    private static final double[] BOUNDS_SECONDS = {
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10
    };
    private static final long[] BOUNDS_NANOS =
            Arrays.stream(BOUNDS_SECONDS).mapToLong(s -> Math.round(s * 1e9)).toArray();

    private final LongAdder[] buckets = new LongAdder[BOUNDS_NANOS.length + 1];
    private final LongAdder sumNanos = new LongAdder();

    LatencyHistogram() {
        Arrays.setAll(buckets, i -> new LongAdder());
    }

    /// Counts one duration; a negative one (a clock that stepped) counts as zero.
    public void recordNanos(long nanos) {
        long took = Math.max(0, nanos);
        buckets[bucketOf(took)].increment();
        sumNanos.add(took);
    }

    public Snapshot snapshot() {
        long[] cumulative = new long[buckets.length];
        long running = 0;
        for (int i = 0; i < buckets.length; i++) {
            running += buckets[i].sum();
            cumulative[i] = running;
        }
        return new Snapshot(boundsSeconds(), cumulative, sumNanos.sum() / 1e9);
    }

    /// The upper bounds of all buckets but the last, in seconds; the last one is open.
    public static double[] boundsSeconds() {
        return BOUNDS_SECONDS.clone();
    }

    private static int bucketOf(long nanos) {
        // Bounds are inclusive (`le`), so an exact hit stays in its own bucket.
        int found = Arrays.binarySearch(BOUNDS_NANOS, nanos);
        return found >= 0 ? found : -found - 1;
    }

    /// Upper bounds in seconds, cumulative counts, one per bound and a last one for everything, and the sum in
    /// seconds.
    @SuppressWarnings("ArrayRecordComponent")
    public record Snapshot(double[] boundsSeconds, long[] cumulative, double sumSeconds) {
        public long count() {
            return cumulative[cumulative.length - 1];
        }
    }
}
