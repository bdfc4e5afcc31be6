package io.pm2j.bench.load;

/// Counts of latencies in buckets about 1.5 % wide, from a microsecond up.
final class Latencies {
    private static final int STEPS = 64;

    private final long[] counts = new long[STEPS * 40];
    private long total;

    void add(long nanos) {
        counts[bucket(Math.max(1, nanos / 1000))]++;
        total++;
    }

    /// The smallest latency that `share` of all stay within, in microseconds.
    long micros(double share) {
        long wanted = Math.max(1, (long) Math.ceil(total * share));
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= wanted) {
                return upperMicros(i);
            }
        }
        return 0;
    }

    private static int bucket(long micros) {
        int power = 63 - Long.numberOfLeadingZeros(micros);
        if (power < 6) {
            return (int) micros;
        }
        return Math.min(STEPS * 40 - 1, (power - 5) * STEPS + (int) ((micros >> (power - 6)) & 63));
    }

    private static long upperMicros(int bucket) {
        if (bucket < STEPS) {
            return bucket;
        }
        int power = bucket / STEPS + 5;
        return (1L << power) + ((bucket % STEPS + 1L) << (power - 6));
    }
}
