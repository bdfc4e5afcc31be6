package io.pm2j.supervisor.lifecycle;

import java.time.Duration;

/// Decides what follows when a worker ends that nobody asked to end.
///
/// An exit before `minUptime` is *unstable*; `maxRestarts` unstable exits in a row make the instance errored,
/// whenever they begin. PM2 (God.js) counts them only in the first `minUptime` x `maxRestarts` after the
/// operator's start, so that a loop that begins later never ends; that is not followed.
public record RestartPolicy(boolean autorestart, Duration minUptime, int maxRestarts, Duration delay) {

    /// What follows.
    public sealed interface Decision {
        /// Start a new worker after `after`; `unstable` is the new count of unstable exits in a row.
        record Restart(Duration after, int unstable) implements Decision {}

        /// Too many unstable exits in a row: the instance is errored until the operator acts.
        record GiveUp(int unstable) implements Decision {}

        /// The spec does not want it again: the instance is stopped.
        record Stay() implements Decision {}
    }

    /// The decision after a worker that lived for `uptime`, with `unstable` unstable exits in a row before it.
    public Decision afterExit(Duration uptime, int unstable) {
        if (!autorestart) {
            return new Decision.Stay();
        }
        if (uptime.compareTo(minUptime) >= 0) {
            return new Decision.Restart(delay, 0);
        }
        int count = unstable + 1;
        return count >= maxRestarts ? new Decision.GiveUp(count) : new Decision.Restart(delay, count);
    }
}
