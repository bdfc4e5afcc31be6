package io.pm2j.supervisor.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.RestartSpec;
import io.pm2j.supervisor.lifecycle.Effect.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Random orders and mishaps against a model of the world: what must hold in every order of events.
class LifecycleSchedulesTest {
    private static final int SCHEDULES = 10_000;
    private static final int STEPS = 60;

    @Test
    void keepsItsPromisesInEveryOrderOfEvents() {
        for (int seed = 0; seed < SCHEDULES; seed++) {
            World world = new World(seed);
            for (int i = 0; i < STEPS; i++) {
                world.something();
            }
            world.settle();
        }
    }

    /// Processes that live, what was seen of them, and the clocks that run.
    private static final class World {
        private final long seed;
        private final Random random;
        private final RestartSpec rules;
        private final Set<Long> living = new HashSet<>();
        private final Set<Long> ready = new HashSet<>();
        private final Set<Long> draining = new HashSet<>();
        private final Set<Long> asked = new HashSet<>();
        private final List<Long> pauses = new ArrayList<>();
        private final List<String> story = new ArrayList<>();
        private InstanceState state = InstanceState.stopped();
        private long nextWorker = 1;
        private long now = 1_000_000;

        World(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            this.rules = new RestartSpec(
                    random.nextInt(5) > 0,
                    Duration.ofSeconds(1),
                    1 + random.nextInt(5),
                    Duration.ofMillis(random.nextInt(2) * 100L),
                    Duration.ofMillis(random.nextInt(2) * 100L),
                    Set.of(7),
                    OptionalLong.empty(),
                    Optional.empty(),
                    Duration.ZERO);
        }

        void something() {
            now += random.nextInt(3_000);
            switch (random.nextInt(15)) {
                case 0 -> apply(new LifeEvent.Start());
                case 1 -> apply(new LifeEvent.Stop());
                case 2 -> apply(new LifeEvent.Restart());
                case 3 -> apply(new LifeEvent.Replace());
                case 4 -> apply(new LifeEvent.CameUp(anyWorker()));
                case 5, 6 -> becomesReady();
                case 7 -> exits();
                case 8 -> apply(new LifeEvent.GaveUp(anyWorker()));
                case 9 -> drains();
                case 10 -> killDue();
                case 11 -> pauseEnds();
                case 12 -> apply(new LifeEvent.Promoted(anyWorker()));
                case 13 -> apply(new LifeEvent.Recalled(anyWorker()));
                case 14 -> apply(new LifeEvent.Dismissed(anyWorker()));
                default -> throw new IllegalStateException();
            }
        }

        /// Nobody orders anything any more, every process behaves, every clock runs out: the wish must come true.
        void settle() {
            for (int i = 0; i < 200 && !settled(); i++) {
                for (long worker : List.copyOf(draining)) {
                    draining.remove(worker);
                    apply(new LifeEvent.Drained(worker));
                }
                for (long worker : List.copyOf(asked)) {
                    exit(worker, 0);
                }
                state.standby().ifPresent(worker -> apply(new LifeEvent.Dismissed(worker)));
                if (state.candidate() != 0) {
                    ready.add(state.candidate());
                    apply(new LifeEvent.BecameReady(state.candidate()));
                }
                if (state.phase() == Phase.LAUNCHING || state.phase() == Phase.ONLINE) {
                    ready.add(state.current());
                    apply(new LifeEvent.BecameReady(state.current()));
                }
                if (!pauses.isEmpty()) {
                    apply(new LifeEvent.RestartDue(pauses.removeFirst()));
                }
            }
            say("settled");
            assertThat(settled()).as(this::told).isTrue();
        }

        private boolean settled() {
            boolean rests = state.phase().atRest() && living.isEmpty();
            boolean serves = state.phase() == Phase.READY && living.equals(Set.of(state.current()));
            return state.wanted() == Wanted.DOWN ? rests : rests || serves;
        }

        private void becomesReady() {
            long worker = anyWorker();
            if (living.contains(worker)) {
                ready.add(worker);
            }
            if (ready.contains(worker)) {
                apply(new LifeEvent.BecameReady(worker));
            }
        }

        private void exits() {
            if (!living.isEmpty()) {
                exit(
                        living.stream()
                                .skip(random.nextInt(living.size()))
                                .findFirst()
                                .orElseThrow(),
                        random.nextInt(9));
            }
        }

        private void exit(long worker, int code) {
            living.remove(worker);
            draining.remove(worker);
            asked.remove(worker);
            apply(new LifeEvent.Exited(worker, code, Duration.ofMillis(random.nextInt(40_000)), now));
        }

        private void drains() {
            draining.stream().findFirst().ifPresent(worker -> {
                draining.remove(worker);
                apply(new LifeEvent.Drained(worker));
            });
        }

        private void killDue() {
            apply(new LifeEvent.KillDue(anyWorker()));
        }

        private void pauseEnds() {
            if (!pauses.isEmpty()) {
                apply(new LifeEvent.RestartDue(pauses.remove(random.nextInt(pauses.size()))));
            }
        }

        private long anyWorker() {
            return 1 + random.nextLong(nextWorker);
        }

        private void apply(LifeEvent event) {
            say(event.toString());
            Lifecycle.Step step = Lifecycle.step(rules, state, event);
            state = step.state();
            for (Effect effect : step.effects()) {
                say("  " + effect);
                carryOut(effect);
            }
            check();
        }

        private void carryOut(Effect effect) {
            switch (effect) {
                case Effect.Spawn(Role role) -> {
                    assertThat(role == Role.CURRENT ? state.current() : state.candidate())
                            .as(this::told)
                            .isZero();
                    if (random.nextInt(20) == 0) {
                        apply(new LifeEvent.SpawnFailed(role));
                    } else {
                        living.add(nextWorker);
                        apply(new LifeEvent.Spawned(role, nextWorker++));
                    }
                }
                case Effect.Drain(long worker, boolean _) -> draining.add(worker);
                case Effect.Terminate(long worker) -> {
                    assertThat(living).as(this::told).contains(worker);
                    asked.add(worker);
                }
                case Effect.Kill(long worker) ->
                    assertThat(asked).as(this::told).contains(worker);
                case Effect.Pause(Duration _, long ticket) -> pauses.add(ticket);
                case Effect.Complain _ -> assertThat(state.phase()).isEqualTo(Phase.ERRORED);
            }
        }

        private void check() {
            // Never a zombie: every process that lives is known, and every known one lives.
            Set<Long> known = new HashSet<>(state.leaving().keySet());
            known.add(state.current());
            known.add(state.candidate());
            known.remove(InstanceState.NOBODY);
            assertThat(known).as(this::told).isEqualTo(living);
            // Never two of the same instance: beside the one in charge and its successor all are on their way out.
            assertThat(living.stream()
                            .filter(w -> !state.leaving().containsKey(w))
                            .filter(w -> w != state.candidate())
                            .count())
                    .as(this::told)
                    .isLessThanOrEqualTo(1);
            // Never admitted before ready, nor after it was told to leave.
            state.admitted().ifPresent(worker -> {
                assertThat(ready).as(this::told).contains(worker);
                assertThat(state.leaving()).as(this::told).doesNotContainKey(worker);
            });
            assertThat(state.phase().atRest() && state.current() != 0)
                    .as(this::told)
                    .isFalse();
        }

        private void say(String what) {
            story.add(what + " -> " + state);
        }

        private String told() {
            return "seed " + seed + "\n"
                    + String.join("\n", story.subList(Math.max(0, story.size() - 25), story.size()));
        }
    }
}
