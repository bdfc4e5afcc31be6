package io.pm2j.proxy.health;

import java.time.Duration;

/// How an endpoint answered a question.
public sealed interface ProbeResult {
    Duration took();

    /// With the head of a response.
    record Answered(int status, Duration took) implements ProbeResult {}

    /// Not, or not with HTTP, for the reason `why`.
    record Failed(String why, Duration took) implements ProbeResult {}
}
