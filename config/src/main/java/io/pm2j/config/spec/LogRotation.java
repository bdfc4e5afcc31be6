package io.pm2j.config.spec;

/// When a log file is put aside and a new one begun, and how many are kept.
///
/// A file rotates when it has reached `maxBytes` (0: never by size) and, when `daily`, at the
/// first line of a new day. Of the files put aside the newest `keep` stay, and of those no more
/// than `totalBytes` (0: no limit) together; `compress` makes them `.gz`.
public record LogRotation(long maxBytes, boolean daily, int keep, boolean compress, long totalBytes) {
    public static final LogRotation DEFAULT = new LogRotation(10L << 20, true, 30, true, 1L << 30);

    /// `log_rotate: false`: one file that grows.
    public static final LogRotation NEVER = new LogRotation(0, false, 0, false, 0);
}
