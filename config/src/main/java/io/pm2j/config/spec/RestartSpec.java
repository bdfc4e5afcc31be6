package io.pm2j.config.spec;

import io.pm2j.config.Cron;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// When a worker is started again. PM2: `autorestart`, `min_uptime`, `max_restarts`, `restart_delay`,
/// `exp_backoff_restart_delay` (`backoff`, zero when not wanted), `stop_exit_codes`, `max_memory_restart` in bytes,
/// `cron_restart`. `watchdog` is how long a worker may go without sd_notify's `WATCHDOG=1`; zero: for ever.
public record RestartSpec(
        boolean automatic,
        Duration minUptime,
        int maxUnstable,
        Duration delay,
        Duration backoff,
        Set<Integer> finalExitCodes,
        OptionalLong maxMemoryBytes,
        Optional<Cron> cron,
        Duration watchdog) {
    /// PM2: min_uptime 1000 ms.
    public static final Duration DEFAULT_MIN_UPTIME = Duration.ofMillis(1_000);
    /// PM2: max_restarts 16.
    public static final int DEFAULT_MAX_UNSTABLE = 16;

    public static final RestartSpec DEFAULT = new RestartSpec(
            true,
            DEFAULT_MIN_UPTIME,
            DEFAULT_MAX_UNSTABLE,
            Duration.ZERO,
            Duration.ZERO,
            Set.of(),
            OptionalLong.empty(),
            Optional.empty(),
            Duration.ZERO);

    public RestartSpec {
        finalExitCodes = Set.copyOf(finalExitCodes);
    }
}
