package io.pm2j.metrics;

/// What a family measures; decides how it is written.
public enum Kind {
    COUNTER,
    GAUGE,
    HISTOGRAM
}
