package io.pm2j.proxy.datagram;

import java.time.Duration;

/// Limits of a listener of datagrams.
///
/// - `idle`: how long nothing may pass in a session before it is forgotten
/// - `maxSessions`: the most at once; the one that has rested longest makes room for a new one
public record DatagramOptions(Duration idle, int maxSessions) {
    /// Longer than resolvers and most keep-alives wait, shorter than what routers remember of UDP.
    public static final Duration IDLE = Duration.ofSeconds(30);

    /// Each has a descriptor: a sixth of the usual hard limit, at some KiB each.
    public static final int MAX_SESSIONS = 10_000;

    public static DatagramOptions defaults() {
        return new DatagramOptions(IDLE, MAX_SESSIONS);
    }

    public DatagramOptions {
        if (!idle.isPositive()) {
            throw new IllegalArgumentException("idle: " + idle + " (expected: > 0s)");
        }
        if (maxSessions < 1) {
            throw new IllegalArgumentException("maxSessions: " + maxSessions + " (expected: >= 1)");
        }
    }
}
