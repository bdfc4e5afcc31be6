package io.pm2j.supervisor.log;

/// One line that an app printed, without its line break. `atMillis` is the epoch time at which it
/// was read.
public record LogRecord(int pmId, String app, Stream stream, long atMillis, String text) {
    /// Who printed it.
    public LogSource source() {
        return new LogSource(pmId, app, stream);
    }

    /// Where a line was printed.
    public enum Stream {
        OUT,
        ERR
    }
}
