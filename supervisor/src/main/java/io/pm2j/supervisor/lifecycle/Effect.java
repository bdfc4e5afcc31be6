package io.pm2j.supervisor.lifecycle;

import java.time.Duration;

/// What is to be done after an event. Carried out by the owner of the app, in order.
public sealed interface Effect {
    /// Which place a new worker takes.
    enum Role {
        CURRENT,
        CANDIDATE
    }

    /// Start a worker, and report [LifeEvent.Spawned] or [LifeEvent.SpawnFailed].
    record Spawn(Role role) implements Effect {}

    /// Wait until nothing is in flight on the worker, then report [LifeEvent.Drained]. `patient`:
    /// nobody waits for its end, so requests may take long.
    record Drain(long worker, boolean patient) implements Effect {}

    /// Ask the worker to end, and report [LifeEvent.KillDue] when its time is over.
    record Terminate(long worker) implements Effect {}

    /// End the worker now.
    record Kill(long worker) implements Effect {}

    /// Report [LifeEvent.RestartDue] after `delay`.
    record Pause(Duration delay, long ticket) implements Effect {}

    /// Too many unstable exits: say so.
    record Complain(int unstable) implements Effect {}
}
