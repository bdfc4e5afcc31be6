package io.pm2j.proxy.measure;

import io.pm2j.metrics.LatencyHistogram;

/// Durations at one moment: how many were within each bucket, and the usual percentiles, in
/// seconds.
public record Distribution(LatencyHistogram.Snapshot buckets, double p50, double p95, double p99, double longest) {
    /// Upper bounds: an edge answers within a millisecond, or waits for somebody.
    private static final double[] BOUNDS_SECONDS = {
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60
    };

    static Distribution of(Cell cell) {
        long[] cumulative = new long[BOUNDS_SECONDS.length + 1];
        for (int i = 0; i < BOUNDS_SECONDS.length; i++) {
            cumulative[i] = cell.upTo(BOUNDS_SECONDS[i]);
        }
        cumulative[BOUNDS_SECONDS.length] = cell.count();
        return new Distribution(
                new LatencyHistogram.Snapshot(BOUNDS_SECONDS.clone(), cumulative, cell.sumSeconds()),
                cell.percentileSeconds(50),
                cell.percentileSeconds(95),
                cell.percentileSeconds(99),
                cell.percentileSeconds(100));
    }
}
