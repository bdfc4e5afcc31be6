package io.pm2j.supervisor.lifecycle;

import io.pm2j.supervisor.lifecycle.RestartPolicy.History;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All that decisions about an instance depend on: what is wanted, what is, and which workers it has.
///
/// `current` is the worker that serves or is to serve, `candidate` the one that is to take over;
/// [#NOBODY] when there is none. `leaving` are the workers on their way out with how far they
/// are; `current` is among them while it stops. A worker is in none of the three only when its
/// process is gone. `ticket` tells the pause that is waited for from those called off.
public record InstanceState(
        Wanted wanted,
        Phase phase,
        long current,
        long candidate,
        Map<Long, Leaving> leaving,
        int restarts,
        History history,
        long ticket) {
    /// No worker's id.
    public static final long NOBODY = 0;
    /// So many starts that came to nothing are a loop.
    private static final int HOPELESS = 3;

    /// How far a worker is on its way out.
    public enum Leaving {
        /// Gets nothing new, and runs until its successor has proved itself.
        STANDBY,
        DRAINING,
        /// Its requests are answered; what goes on are streams, and nobody waits for their ends.
        STREAMING,
        ASKED_TO_END,
        KILLED
    }

    public InstanceState {
        leaving = Collections.unmodifiableMap(new LinkedHashMap<>(leaving));
    }

    /// A new instance that is to be started.
    public static InstanceState begun() {
        return remembered(Wanted.UP, Phase.STOPPED, 0, History.NONE);
    }

    /// A new instance, not started.
    public static InstanceState stopped() {
        return new InstanceState(Wanted.DOWN, Phase.STOPPED, NOBODY, NOBODY, Map.of(), 0, History.NONE, 0);
    }

    /// The worker that is to be given requests.
    public Optional<Long> admitted() {
        return phase == Phase.READY ? Optional.of(current) : Optional.empty();
    }

    /// Whether it makes sense to wait for it: not while it has given up, nor in a loop of crashes, where the next start
    /// will end as the last ones did.
    public boolean promising() {
        return switch (phase) {
            case READY, STOPPING, STOPPED, ONE_LAUNCH -> true;
            case LAUNCHING, ONLINE, WAITING_RESTART -> history.inVain() < HOPELESS;
            case ERRORED -> false;
        };
    }

    /// Whether no process of it is left.
    public boolean gone() {
        return current == NOBODY && candidate == NOBODY && leaving.isEmpty();
    }

    /// The worker that was replaced and may be called back.
    public Optional<Long> standby() {
        return leaving.entrySet().stream()
                .filter(e -> e.getValue() == Leaving.STANDBY)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /// The workers that only their streams keep, the longest on its way first.
    public List<Long> streaming() {
        return leaving.entrySet().stream()
                .filter(e -> e.getValue() == Leaving.STREAMING)
                .map(Map.Entry::getKey)
                .toList();
    }

    InstanceState wanted(Wanted to) {
        return new InstanceState(to, phase, current, candidate, leaving, restarts, history, ticket);
    }

    InstanceState phase(Phase to) {
        return new InstanceState(wanted, to, current, candidate, leaving, restarts, history, ticket);
    }

    InstanceState current(long to) {
        return new InstanceState(wanted, phase, to, candidate, leaving, restarts, history, ticket);
    }

    InstanceState candidate(long to) {
        return new InstanceState(wanted, phase, current, to, leaving, restarts, history, ticket);
    }

    InstanceState leaving(long worker, Leaving how) {
        Map<Long, Leaving> more = new LinkedHashMap<>(leaving);
        more.put(worker, how);
        return new InstanceState(wanted, phase, current, candidate, more, restarts, history, ticket);
    }

    InstanceState without(long worker) {
        Map<Long, Leaving> fewer = new LinkedHashMap<>(leaving);
        fewer.remove(worker);
        return new InstanceState(wanted, phase, current, candidate, fewer, restarts, history, ticket);
    }

    InstanceState restarted() {
        return new InstanceState(wanted, phase, current, candidate, leaving, restarts + 1, history, ticket);
    }

    InstanceState history(History to) {
        return new InstanceState(wanted, phase, current, candidate, leaving, restarts, to, ticket);
    }

    /// As if it had never been restarted. PM2: `reset`.
    public InstanceState forgetRestarts() {
        return new InstanceState(wanted, phase, current, candidate, leaving, 0, History.NONE, ticket);
    }

    InstanceState nextTicket() {
        return new InstanceState(wanted, phase, current, candidate, leaving, restarts, history, ticket + 1);
    }

    /// As after its worker ended unseen, and is not wanted again.
    public InstanceState endedForGood() {
        return current(NOBODY).phase(Phase.ONE_LAUNCH);
    }

    /// As after a daemon's restart: what was remembered, and nothing that runs.
    public static InstanceState remembered(Wanted wanted, Phase phase, int restarts, History history) {
        return new InstanceState(wanted, phase, NOBODY, NOBODY, Map.of(), restarts, history, 0);
    }
}
