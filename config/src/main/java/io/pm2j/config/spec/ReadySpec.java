package io.pm2j.config.spec;

import java.time.Duration;

/// When a worker counts as ready. `waitForMessage` is PM2's `wait_ready`: not before it says so, by
/// `process.send('ready')` or sd_notify `READY=1`; `limit` is `listen_timeout`.
public record ReadySpec(boolean waitForMessage, Duration limit) {
    /// PM2: listen_timeout 3000 ms (GRACEFUL_LISTEN_TIMEOUT).
    public static final Duration DEFAULT_LIMIT = Duration.ofMillis(3_000);

    public static final ReadySpec DEFAULT = new ReadySpec(false, DEFAULT_LIMIT);
}
