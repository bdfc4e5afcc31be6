package io.pm2j.config.spec;

import java.time.Duration;
import java.util.Set;

/// How a worker is asked to end. `signal` is a name such as `SIGINT`; `byMessage` (PM2:
/// `shutdown_with_message`) sends `shutdown` on Node's channel instead; after `limit`
/// (`kill_timeout`) comes SIGKILL. `wholeTree` (`treekill`) means its descendants too.
public record StopSpec(String signal, boolean byMessage, Duration limit, boolean wholeTree) {
    /// PM2: SIGINT (PM2_KILL_SIGNAL).
    public static final String DEFAULT_SIGNAL = "SIGINT";
    /// PM2: kill_timeout 1600 ms (KILL_TIMEOUT).
    public static final Duration DEFAULT_LIMIT = Duration.ofMillis(1_600);

    /// What `signal` may be.
    public static final Set<String> SIGNALS = Set.of(
            "SIGINT",
            "SIGTERM",
            "SIGQUIT",
            "SIGHUP",
            "SIGUSR1",
            "SIGUSR2",
            "SIGABRT",
            "SIGKILL",
            "SIGPIPE",
            "SIGALRM",
            "SIGWINCH");

    public static final StopSpec DEFAULT = new StopSpec(DEFAULT_SIGNAL, false, DEFAULT_LIMIT, true);

    public StopSpec {
        if (!SIGNALS.contains(signal)) {
            throw new IllegalArgumentException("signal: " + signal + " (expected: one of " + SIGNALS + ")");
        }
    }
}
