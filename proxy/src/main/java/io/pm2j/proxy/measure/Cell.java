package io.pm2j.proxy.measure;

import org.HdrHistogram.Histogram;

/// One distribution: two significant digits between a microsecond and an hour. It grows with its
/// longest value, so that a route that answers within 0.1 s costs a few KiB. Belongs to one
/// thread at a time.
final class Cell {
    private static final long MOST_MICROS = 3_600_000_000L;
    private static final long FIRST_MOST_MICROS = 100_000;

    private final Histogram micros = new Histogram(1, FIRST_MOST_MICROS, 2);
    private long sumNanos;

    Cell() {
        micros.setAutoResize(true);
    }

    void record(long nanos) {
        long took = Math.max(0, nanos);
        micros.recordValue(Math.min(took / 1_000, MOST_MICROS));
        sumNanos += took;
    }

    void add(Cell more) {
        micros.add(more.micros);
        sumNanos += more.sumNanos;
    }

    void clear() {
        micros.reset();
        sumNanos = 0;
    }

    boolean isEmpty() {
        return micros.getTotalCount() == 0;
    }

    /// How many were at most so long.
    long upTo(double seconds) {
        return micros.getCountBetweenValues(0, Math.round(seconds * 1e6));
    }

    long count() {
        return micros.getTotalCount();
    }

    double sumSeconds() {
        return sumNanos / 1e9;
    }

    double percentileSeconds(double percentile) {
        return micros.getValueAtPercentile(percentile) / 1e6;
    }
}
