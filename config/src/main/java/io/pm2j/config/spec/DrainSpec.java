package io.pm2j.config.spec;

import java.time.Duration;

/// How long a replaced worker may take for what it has: `requests` (`drain_timeout`) for answers, `streams`
/// (`stream_drain`) for what goes on until somebody ends it, such as WebSockets.
public record DrainSpec(Duration requests, Duration streams) {
    public static final DrainSpec DEFAULT = new DrainSpec(Duration.ofSeconds(30), Duration.ofMinutes(5));
}
