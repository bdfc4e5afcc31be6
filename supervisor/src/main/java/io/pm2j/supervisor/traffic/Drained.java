package io.pm2j.supervisor.traffic;

import java.time.Duration;

/// How the waiting for a worker's last requests ended.
public sealed interface Drained {
    /// Nothing is in flight any more.
    record Idle(Duration took) implements Drained {}

    /// Every request is answered; `open` streams go on, which end when one side wants it.
    record Streaming(int open) implements Drained {}

    /// The limit passed first; `inFlight` requests and tunnels were still open.
    record TimedOut(int inFlight) implements Drained {}
}
