package io.pm2j.supervisor.lifecycle;

import io.pm2j.config.spec.RestartSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Decides what follows when a worker ends that nobody asked to end. Pure.
///
/// An exit before `min_uptime` is *unstable*. `max_restarts` of them within a sliding window make
/// the instance errored, whenever the series begins: PM2 (God.js) counts only in the first
/// `min_uptime` x `max_restarts` after the operator's start, so that a loop that begins later
/// never ends. The window is as long as so many runs and the pauses between them may take; a
/// growing back-off outgrows it on purpose, and then goes on trying.
public final class RestartPolicy {
    /// PM2: exp_backoff_restart_delay grows by half each time, to 15 s.
    private static final double BACKOFF_GROWTH = 1.5;

    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(15);

    /// PM2: EXP_BACKOFF_RESET_TIMER.
    private static final Duration BACKOFF_RESET = Duration.ofSeconds(30);

    private RestartPolicy() {}

    /// What the past says: epoch times of the unstable exits that still count, the last back-off (zero: none), and how
    /// many workers in a row have ended without having been ready.
    public record History(List<Long> unstableAtMillis, Duration backoff, int inVain) {
        public static final History NONE = new History(List.of(), Duration.ZERO);

        public History {
            unstableAtMillis = List.copyOf(unstableAtMillis);
        }

        public History(List<Long> unstableAtMillis, Duration backoff) {
            this(unstableAtMillis, backoff, 0);
        }

        History ended(History before, boolean ready) {
            return new History(unstableAtMillis, backoff, ready ? 0 : before.inVain + 1);
        }

        public int unstable() {
            return unstableAtMillis.size();
        }
    }

    /// What follows.
    public sealed interface Decision {
        /// The past as it is now.
        History history();

        /// Start a new worker after `after`.
        record Again(Duration after, History history) implements Decision {}

        /// Too many unstable exits: the instance is errored until the operator acts.
        record GiveUp(History history) implements Decision {}

        /// The spec does not want it again.
        record Enough(History history) implements Decision {}
    }

    /// The decision after a worker that ended at `atMillis` with `exitCode`, having lived for `uptime`.
    public static Decision afterExit(RestartSpec rules, History past, int exitCode, Duration uptime, long atMillis) {
        if (!rules.automatic() || rules.finalExitCodes().contains(exitCode)) {
            return new Decision.Enough(past);
        }
        List<Long> unstable = new ArrayList<>(past.unstableAtMillis());
        long begin = atMillis - window(rules).toMillis();
        unstable.removeIf(at -> at < begin);
        if (uptime.compareTo(rules.minUptime()) < 0) {
            unstable.add(atMillis);
            if (unstable.size() >= rules.maxUnstable()) {
                return new Decision.GiveUp(new History(unstable, past.backoff()));
            }
        }
        Duration backoff = backoff(rules, past.backoff(), uptime);
        Duration delay = rules.backoff().isZero() ? rules.delay() : backoff;
        return new Decision.Again(delay, new History(unstable, backoff));
    }

    private static Duration window(RestartSpec rules) {
        return rules.minUptime().plus(rules.delay()).multipliedBy(Math.max(1, rules.maxUnstable()));
    }

    private static Duration backoff(RestartSpec rules, Duration last, Duration uptime) {
        if (rules.backoff().isZero() || last.isZero() || uptime.compareTo(BACKOFF_RESET) > 0) {
            return rules.backoff();
        }
        Duration longer = Duration.ofMillis((long) (last.toMillis() * BACKOFF_GROWTH));
        return longer.compareTo(LONGEST_BACKOFF) < 0 ? longer : LONGEST_BACKOFF;
    }
}
