package io.pm2j.supervisor;

import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;

/// Hears what is logged.
public final class Ear extends Handler {
    private final List<String> told;

    public Ear(List<String> told) {
        this.told = told;
    }

    @Override
    public void publish(LogRecord heard) {
        told.add(heard.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
