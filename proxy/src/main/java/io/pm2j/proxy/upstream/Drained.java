package io.pm2j.proxy.upstream;

import java.time.Duration;

/// How waiting for an endpoint to become idle ended.
public sealed interface Drained {
    /// Nothing is in flight and no connection to it is open.
    record Idle(Duration took) implements Drained {}

    /// The limit passed first.
    record TimedOut(int inFlight) implements Drained {}
}
