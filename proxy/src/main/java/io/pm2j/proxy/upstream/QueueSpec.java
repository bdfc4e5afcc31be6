package io.pm2j.proxy.upstream;

import java.time.Duration;

/// How many requests may wait for an endpoint, and how they are let go.
///
/// A newcomer to a full queue is refused at once: what waits keeps its turn, and a refusal that
/// takes no time is worth more than one after a wait. By age the oldest go first.
///
/// @param most so many requests
/// @param mostBytes so many bytes of bodies that have been read and wait with their requests
/// @param age so long each
/// @param ramp when many waited because there was no endpoint: over what time those are let go
public record QueueSpec(int most, long mostBytes, Duration age, Duration ramp) {
    public static final QueueSpec DEFAULT =
            new QueueSpec(1_000, 64L << 20, Duration.ofSeconds(10), Duration.ofSeconds(1));

    public QueueSpec {
        if (most < 0 || mostBytes < 0) {
            throw new IllegalArgumentException("a queue of " + most + ", " + mostBytes + " bytes (expected: >= 0)");
        }
        if (age.isNegative() || ramp.isNegative()) {
            throw new IllegalArgumentException("a queue of " + age + ", ramp " + ramp + " (expected: >= 0)");
        }
    }

    /// The same with at most `requests`.
    public QueueSpec withMost(int requests) {
        return new QueueSpec(requests, mostBytes, age, ramp);
    }
}
