package io.pm2j.supervisor.lifecycle;

import java.time.Duration;

/// What can happen to an instance. `worker` is a worker's id, unique for the life of the daemon;
/// events about a worker that the instance no longer has change nothing.
public sealed interface LifeEvent {
    /// The operator wants it up, and forgives what was.
    record Start() implements LifeEvent {}

    /// The operator wants it down.
    record Stop() implements LifeEvent {}

    /// It is wanted no more, and may finish what it has: its requests, then its streams.
    record Retire() implements LifeEvent {}

    /// A new worker in place of the old one, which ends first.
    record Restart() implements LifeEvent {}

    /// As [Restart], but the old one may finish what it has.
    record Renew() implements LifeEvent {}

    /// A new worker that takes over from the old one once it is ready.
    record Replace() implements LifeEvent {}

    /// The worker that [Effect.Spawn] asked for was started.
    record Spawned(Effect.Role role, long worker) implements LifeEvent {}

    /// The worker that [Effect.Spawn] asked for cannot be started.
    record SpawnFailed(Effect.Role role) implements LifeEvent {}

    /// A former daemon's worker was found alive.
    record Adopted(long worker) implements LifeEvent {}

    /// A worker runs.
    record CameUp(long worker) implements LifeEvent {}

    /// A worker may be given requests; of a candidate: it can do all that its predecessor does.
    record BecameReady(long worker) implements LifeEvent {}

    /// A ready worker wants no requests any more, and goes on running. sd_notify: `STOPPING=1`.
    record Withdrew(long worker) implements LifeEvent {}

    /// A candidate did not get ready in time.
    record GaveUp(long worker) implements LifeEvent {}

    /// A candidate takes its place though it is not known to be ready.
    record Promoted(long worker) implements LifeEvent {}

    /// The successor of a worker in standby failed: it is to serve again.
    record Recalled(long worker) implements LifeEvent {}

    /// The successor of a worker in standby has proved itself: it may go.
    record Dismissed(long worker) implements LifeEvent {}

    /// Nothing but streams is in flight any more on a worker that leaves.
    record Answered(long worker) implements LifeEvent {}

    /// Nothing is in flight any more on a worker that leaves, or that has waited long enough.
    record Drained(long worker) implements LifeEvent {}

    /// A worker had its time to end.
    record KillDue(long worker) implements LifeEvent {}

    /// A worker's process ended with `exitCode`, as a shell would report it, after `uptime`.
    record Exited(long worker, int exitCode, Duration uptime, long atMillis) implements LifeEvent {}

    /// The pause with this ticket is over.
    record RestartDue(long ticket) implements LifeEvent {}
}
