package io.pm2j.supervisor.log;

/// One line that an app printed, without its line break. `atMillis` is the epoch time at which it was read.
public record LogRecord(int pmId, String app, Stream stream, long atMillis, String text) {
    /// Where a line was printed.
    public enum Stream {
        OUT,
        ERR
    }
}
