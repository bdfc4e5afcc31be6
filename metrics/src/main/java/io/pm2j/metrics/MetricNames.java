package io.pm2j.metrics;

import java.util.List;
import java.util.regex.Pattern;

/// The grammar of names, checked when a metric is registered so that the text form is always well formed.
final class MetricNames {
    static final String OVERFLOWS = "pm2j_metric_series_overflow_total";
    static final String COLLECTOR_FAILURES = "pm2j_metric_collector_failures_total";
    static final String REFUSED_SAMPLES = "pm2j_metric_samples_refused_total";

    private static final Pattern METRIC = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
    private static final Pattern LABEL = Pattern.compile("(?!__)[a-zA-Z_][a-zA-Z0-9_]*");

    private MetricNames() {}

    static void check(String name, Kind kind, List<String> labels) {
        if (!METRIC.matcher(name).matches()) {
            throw new IllegalArgumentException("Not a metric name: " + name);
        }
        if (kind == Kind.COUNTER && !name.endsWith("_total")) {
            throw new IllegalArgumentException("A counter's name ends in _total, unlike " + name);
        }
        for (String label : labels) {
            if (!LABEL.matcher(label).matches() || label.equals("le")) {
                throw new IllegalArgumentException("Not a label name for " + name + ": " + label);
            }
        }
        if (labels.stream().distinct().count() != labels.size()) {
            throw new IllegalArgumentException("A label of " + name + " is named twice: " + labels);
        }
    }
}
