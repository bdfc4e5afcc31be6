package io.pm2j.metrics;

import java.util.List;

/// One series at one moment: the label values, in the order of the family's label names, and the reading.
public record Sample(List<String> labelValues, Reading reading) {
    public Sample {
        labelValues = List.copyOf(labelValues);
    }

    /// What a series says: a number, or a distribution.
    public sealed interface Reading {
        /// The value of a counter or gauge.
        record Value(double value) implements Reading {}

        /// The buckets of a histogram.
        record Distribution(LatencyHistogram.Snapshot snapshot) implements Reading {}
    }
}
