package io.pm2j.metrics;

import java.util.Map;

/// Where a collector tells its numbers at scrape time: a process table, a pool, anything that lives elsewhere.
///
/// All samples of one name share the help, kind and label names of the first; others are dropped and counted, as
/// are repeated series. Labels are written in the order of their names.
public interface SampleSink {
    void gauge(String name, String help, Map<String, String> labels, double value);

    /// @param name must end in `_total`
    void counter(String name, String help, Map<String, String> labels, double value);

    /// Tells a distribution that is kept elsewhere.
    void histogram(String name, String help, Map<String, String> labels, LatencyHistogram.Snapshot snapshot);
}
