package io.pm2j.metrics;

import java.util.function.DoubleSupplier;

/// A number that goes up and down, read from its owner at scrape time.
///
/// The supplier runs on the scraping thread: it must be quick and must not block. One that throws reads as NaN.
public final class Gauge {
    private final DoubleSupplier source;

    Gauge(DoubleSupplier source) {
        this.source = source;
    }

    public double value() {
        try {
            return source.getAsDouble();
        } catch (RuntimeException broken) {
            return Double.NaN;
        }
    }
}
