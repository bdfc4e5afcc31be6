package io.pm2j.supervisor.lifecycle;

import static io.pm2j.supervisor.lifecycle.InstanceState.NOBODY;

import io.pm2j.config.spec.RestartSpec;
import io.pm2j.supervisor.lifecycle.Effect.Role;
import io.pm2j.supervisor.lifecycle.InstanceState.Leaving;
import io.pm2j.supervisor.lifecycle.RestartPolicy.Decision;
import io.pm2j.supervisor.lifecycle.RestartPolicy.History;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The life of an instance as one pure function: a state and an event give the next state and what is to be done.
///
/// ```
///              Start                 CameUp           BecameReady
///   stopped ──────────> launching ─────────> online ─────────────> ready
///    ^  ^  ^               │  ^                 │        Withdrew    │
///    │  │  │ Stop          │  │ RestartDue      │<───────────────────┤
///    │  │  └── waiting <────┤  │                 │                    │
///    │  │      restart ─────┼──┘                 │ Stop, Restart      │ Replace: a candidate starts beside it,
///    │  │         ^         │ Exited             v                    │ and takes its place at BecameReady
///    │  │         └─────────┴───────────────  stopping <──────────────┘
///    │  │  pause        too often │             │ Exited: stopped, or launching after a Restart
///    │  └───────── errored <──────┘             │
///    │                                          │
///    └──────────────────────────────────────────┘     (one-launch: ended, and not wanted again)
/// ```
/// Workers that leave go through drained, asked to end, killed; they belong to no phase but stopping. One that was
/// replaced stays in standby first, and comes back by itself when its successor ends.
public final class Lifecycle {
    /// So many workers of one instance may be kept by their streams.
    private static final int MOST_STREAMING = 3;

    private final RestartSpec rules;
    private InstanceState state;
    private final List<Effect> effects = new ArrayList<>();

    private Lifecycle(RestartSpec rules, InstanceState state) {
        this.rules = rules;
        this.state = state;
    }

    /// The next state, and what is to be done.
    public record Step(InstanceState state, List<Effect> effects) {
        public Step {
            effects = List.copyOf(effects);
        }
    }

    /// What follows when `event` happens to an instance in `state`.
    public static Step step(RestartSpec rules, InstanceState state, LifeEvent event) {
        Lifecycle life = new Lifecycle(rules, state);
        life.take(event);
        return new Step(life.state, life.effects);
    }

    private void take(LifeEvent event) {
        switch (event) {
            case LifeEvent.Start _ -> start();
            case LifeEvent.Stop _ -> stop();
            case LifeEvent.Retire _ -> retire();
            case LifeEvent.Restart _ -> restart(false);
            case LifeEvent.Renew _ -> restart(true);
            case LifeEvent.Replace _ -> replace();
            case LifeEvent.Spawned(Role role, long worker) -> spawned(role, worker);
            case LifeEvent.SpawnFailed(Role role) -> spawnFailed(role);
            case LifeEvent.Adopted(long worker) -> adopted(worker);
            case LifeEvent.CameUp(long worker) -> cameUp(worker);
            case LifeEvent.BecameReady(long worker) -> becameReady(worker);
            case LifeEvent.Withdrew(long worker) -> withdrew(worker);
            case LifeEvent.GaveUp(long worker) -> gaveUp(worker);
            case LifeEvent.Promoted(long worker) -> promoted(worker);
            case LifeEvent.Recalled(long worker) -> recalled(worker);
            case LifeEvent.Dismissed(long worker) -> dismissed(worker);
            case LifeEvent.Answered(long worker) -> answered(worker);
            case LifeEvent.Drained(long worker) -> drained(worker);
            case LifeEvent.KillDue(long worker) -> killDue(worker);
            case LifeEvent.Exited exited -> exited(exited);
            case LifeEvent.RestartDue(long ticket) -> restartDue(ticket);
        }
    }

    // --- the operator ----------------------------------------------------------------------------------------

    private void start() {
        state = state.wanted(Wanted.UP);
        if (state.phase().atRest() || state.phase() == Phase.WAITING_RESTART) {
            state = state.history(History.NONE).nextTicket();
            launch();
        }
    }

    private void stop() {
        state = state.wanted(Wanted.DOWN).nextTicket();
        // Nobody has time for those that were leaving slowly.
        for (Map.Entry<Long, Leaving> leaving : state.leaving().entrySet()) {
            if (leaving.getValue() == Leaving.DRAINING || leaving.getValue() == Leaving.STREAMING) {
                leave(leaving.getKey(), false);
            }
        }
        dropStandby(false);
        dropCandidate();
        endCurrent(false);
    }

    /// As if another had taken its place.
    private void retire() {
        state = state.wanted(Wanted.DOWN).nextTicket();
        dropStandby(true);
        dropCandidate();
        long last = state.current();
        if (last != NOBODY && state.phase() != Phase.STOPPING) {
            state = state.current(NOBODY).phase(Phase.STOPPED);
            leave(last, true);
        } else if (last == NOBODY) {
            state = state.phase(Phase.STOPPED);
        }
    }

    private void restart(boolean patient) {
        state = state.wanted(Wanted.UP).history(History.NONE).nextTicket();
        if (state.current() != NOBODY) {
            state = state.restarted(); // PM2: what was stopped is started, and that counts for nothing
        }
        dropStandby(false);
        dropCandidate();
        if (state.current() == NOBODY) {
            launch();
        } else {
            endCurrent(patient);
        }
    }

    private void replace() {
        if (state.current() == NOBODY) {
            restart(false);
        } else if (state.phase() != Phase.STOPPING && state.candidate() == NOBODY) {
            dropStandby(true);
            dropOldestStreams();
            effects.add(new Effect.Spawn(Role.CANDIDATE));
        }
    }

    /// However long streams may stay: a worker for each reload of the last minutes would be too many.
    private void dropOldestStreams() {
        List<Long> streaming = state.streaming();
        if (streaming.size() >= MOST_STREAMING) {
            streaming.subList(0, streaming.size() - MOST_STREAMING + 1).forEach(worker -> leave(worker, false));
        }
    }

    private void endCurrent(boolean patient) {
        if (state.current() == NOBODY) {
            state = state.phase(Phase.STOPPED);
        } else if (state.phase() != Phase.STOPPING) {
            state = state.phase(Phase.STOPPING);
            leave(state.current(), patient);
        }
    }

    private void dropCandidate() {
        long candidate = state.candidate();
        if (candidate != NOBODY) {
            state = state.candidate(NOBODY);
            leave(candidate, false);
        }
    }

    private void dropStandby(boolean patient) {
        state.standby().ifPresent(worker -> leave(worker, patient));
    }

    private void leave(long worker, boolean patient) {
        state = state.leaving(worker, Leaving.DRAINING);
        effects.add(new Effect.Drain(worker, patient));
    }

    private void launch() {
        state = state.phase(Phase.LAUNCHING);
        effects.add(new Effect.Spawn(Role.CURRENT));
    }

    // --- workers come ----------------------------------------------------------------------------------------

    private void spawned(Role role, long worker) {
        state = role == Role.CURRENT ? state.current(worker) : state.candidate(worker);
    }

    private void spawnFailed(Role role) {
        if (role == Role.CURRENT && state.current() == NOBODY) {
            state = state.phase(Phase.ERRORED);
        }
    }

    private void adopted(long worker) {
        if (state.current() == NOBODY) {
            state = state.wanted(Wanted.UP).phase(Phase.LAUNCHING).current(worker);
        }
    }

    private void cameUp(long worker) {
        if (worker == state.current() && state.phase() == Phase.LAUNCHING) {
            state = state.phase(Phase.ONLINE);
        }
    }

    private void becameReady(long worker) {
        boolean starting = state.phase() == Phase.LAUNCHING || state.phase() == Phase.ONLINE;
        if (worker == state.current() && starting) {
            state = state.phase(Phase.READY);
        } else if (worker == state.candidate() && worker != NOBODY) {
            long old = state.current();
            takeOver(worker, Phase.READY);
            state = state.leaving(old, Leaving.STANDBY);
        }
    }

    private void promoted(long worker) {
        if (worker == state.candidate() && worker != NOBODY) {
            long old = state.current();
            takeOver(worker, Phase.LAUNCHING);
            leave(old, true);
        }
    }

    private void takeOver(long candidate, Phase phase) {
        state = state.candidate(NOBODY)
                .current(candidate)
                .phase(phase)
                .history(History.NONE)
                .restarted();
    }

    private void recalled(long worker) {
        if (state.leaving().get(worker) == Leaving.STANDBY) {
            long failed = state.current();
            dropCandidate();
            putBack(worker);
            if (failed != NOBODY) {
                leave(failed, false);
            }
        }
    }

    /// It is ready again as soon as somebody looks, if it ever was.
    private void putBack(long standby) {
        state = state.without(standby)
                .current(standby)
                .phase(Phase.LAUNCHING)
                .nextTicket()
                .restarted();
    }

    private void dismissed(long worker) {
        if (state.leaving().get(worker) == Leaving.STANDBY) {
            leave(worker, true);
        }
    }

    private void withdrew(long worker) {
        if (worker == state.current() && state.phase() == Phase.READY) {
            state = state.phase(Phase.ONLINE);
        }
    }

    private void gaveUp(long worker) {
        if (worker == state.candidate()) {
            dropCandidate();
        }
    }

    // --- workers go ------------------------------------------------------------------------------------------

    private void answered(long worker) {
        if (state.leaving().get(worker) == Leaving.DRAINING && worker != state.current()) {
            state = state.leaving(worker, Leaving.STREAMING);
        }
    }

    private void drained(long worker) {
        Leaving how = state.leaving().get(worker);
        if (how == Leaving.DRAINING || how == Leaving.STREAMING) {
            state = state.leaving(worker, Leaving.ASKED_TO_END);
            effects.add(new Effect.Terminate(worker));
        }
    }

    private void killDue(long worker) {
        if (state.leaving().get(worker) == Leaving.ASKED_TO_END) {
            state = state.leaving(worker, Leaving.KILLED);
            effects.add(new Effect.Kill(worker));
        }
    }

    private void exited(LifeEvent.Exited exit) {
        state = state.without(exit.worker());
        if (exit.worker() == state.candidate()) {
            state = state.candidate(NOBODY);
        } else if (exit.worker() == state.current()) {
            state = state.current(NOBODY);
            if (state.phase() != Phase.STOPPING) {
                endedUnasked(exit);
            } else if (state.wanted() == Wanted.UP) {
                launch();
            } else {
                state = state.phase(Phase.STOPPED);
            }
        }
    }

    private void endedUnasked(LifeEvent.Exited exit) {
        if (state.candidate() != NOBODY) {
            // Its successor is on the way already: another one would be one too many.
            state = state.current(state.candidate())
                    .candidate(NOBODY)
                    .phase(Phase.LAUNCHING)
                    .restarted();
            return;
        }
        if (state.standby().isPresent()) {
            putBack(state.standby().get());
            return;
        }
        Decision decision =
                RestartPolicy.afterExit(rules, state.history(), exit.exitCode(), exit.uptime(), exit.atMillis());
        state = state.history(decision.history().ended(state.history(), state.phase() == Phase.READY));
        switch (decision) {
            case Decision.Enough _ -> state = state.phase(Phase.ONE_LAUNCH);
            case Decision.GiveUp(History history) -> {
                state = state.phase(Phase.ERRORED);
                effects.add(new Effect.Complain(history.unstable()));
            }
            case Decision.Again(Duration after, History _) -> {
                state = state.restarted();
                if (after.isZero()) {
                    launch();
                } else {
                    state = state.phase(Phase.WAITING_RESTART).nextTicket();
                    effects.add(new Effect.Pause(after, state.ticket()));
                }
            }
        }
    }

    private void restartDue(long ticket) {
        if (state.phase() == Phase.WAITING_RESTART && state.ticket() == ticket) {
            launch();
        }
    }
}
