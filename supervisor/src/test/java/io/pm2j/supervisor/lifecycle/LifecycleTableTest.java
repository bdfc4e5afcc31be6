package io.pm2j.supervisor.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.RestartSpec;
import io.pm2j.supervisor.lifecycle.Effect.Role;
import io.pm2j.supervisor.lifecycle.InstanceState.Leaving;
import io.pm2j.supervisor.lifecycle.RestartPolicy.History;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Every state with every event, against the table that people read.
class LifecycleTableTest {
    private static final RestartSpec RULES = new RestartSpec(
            true,
            Duration.ofSeconds(1),
            3,
            Duration.ofMillis(50),
            Duration.ZERO,
            java.util.Set.of(7),
            java.util.OptionalLong.empty(),
            java.util.Optional.empty(),
            Duration.ZERO);
    private static final long NOW = 1_000_000;
    private static final Path DOCUMENT = Path.of("../docs/lifecycle.md");

    @Test
    void isWhatTheDocumentSays() throws IOException {
        String document = Files.readString(DOCUMENT);
        String table = document.lines().filter(line -> line.startsWith("|")).collect(Collectors.joining("\n"));
        assertThat(table).isEqualTo(table());
    }

    private static String table() {
        Map<String, InstanceState> states = states();
        StringBuilder table = new StringBuilder("| event |");
        states.keySet().forEach(name -> table.append(' ').append(name).append(" |"));
        table.append("\n|---|").append("---|".repeat(states.size()));
        events().forEach((name, event) -> {
            table.append("\n| ").append(name).append(" |");
            states.values()
                    .forEach(state -> table.append(' ')
                            .append(cell(state, Lifecycle.step(RULES, state, event)))
                            .append(" |"));
        });
        return table.toString();
    }

    private static String cell(InstanceState before, Lifecycle.Step step) {
        InstanceState after = step.state();
        if (after.equals(before) && step.effects().isEmpty()) {
            return "·";
        }
        StringBuilder text = new StringBuilder(name(after));
        for (Effect effect : step.effects()) {
            text.append(", ")
                    .append(
                            switch (effect) {
                                case Effect.Spawn(Role role) -> role == Role.CURRENT ? "spawn" : "spawn candidate";
                                case Effect.Drain(long worker, boolean patient) ->
                                    "drain " + worker + (patient ? " patiently" : "");
                                case Effect.Terminate(long worker) -> "terminate " + worker;
                                case Effect.Kill(long worker) -> "kill " + worker;
                                case Effect.Pause _ -> "pause";
                                case Effect.Complain _ -> "complain";
                            });
        }
        return text.toString();
    }

    private static String name(InstanceState state) {
        String name = state.phase().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
        return name
                + (state.current() == 0 ? "" : " " + state.current())
                + (state.candidate() == 0 ? "" : " + " + state.candidate())
                + state.standby().map(worker -> ", standby " + worker).orElse("")
                + leaving(state)
                + (state.phase() == Phase.STOPPING && state.wanted() == Wanted.UP ? " to restart" : "");
    }

    private static String leaving(InstanceState state) {
        return state.leaving().entrySet().stream()
                .filter(e -> e.getKey() != state.current() && e.getValue() != Leaving.STANDBY)
                .map(e -> ", " + e.getKey() + " "
                        + e.getValue().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '))
                .collect(Collectors.joining());
    }

    private static Map<String, InstanceState> states() {
        InstanceState stopped = InstanceState.stopped();
        InstanceState up = stopped.wanted(Wanted.UP);
        InstanceState stopping = up.phase(Phase.STOPPING).current(1).leaving(1, Leaving.DRAINING);
        Map<String, InstanceState> states = new LinkedHashMap<>();
        for (InstanceState state : List.of(
                stopped,
                up.phase(Phase.LAUNCHING).current(1),
                up.phase(Phase.ONLINE).current(1),
                up.phase(Phase.READY).current(1),
                up.phase(Phase.READY).current(1).candidate(2),
                up.phase(Phase.READY).current(2).leaving(1, Leaving.STANDBY),
                up.phase(Phase.READY).current(2).leaving(1, Leaving.DRAINING),
                up.phase(Phase.READY).current(2).leaving(1, Leaving.STREAMING),
                stopping.wanted(Wanted.DOWN),
                stopping,
                up.phase(Phase.WAITING_RESTART).nextTicket(),
                up.phase(Phase.ERRORED),
                up.phase(Phase.ONE_LAUNCH))) {
            states.put(name(state), state);
        }
        return states;
    }

    private static Map<String, LifeEvent> events() {
        Map<String, LifeEvent> events = new LinkedHashMap<>();
        events.put("start", new LifeEvent.Start());
        events.put("stop", new LifeEvent.Stop());
        events.put("restart", new LifeEvent.Restart());
        events.put("renew", new LifeEvent.Renew());
        events.put("replace", new LifeEvent.Replace());
        events.put("spawn failed", new LifeEvent.SpawnFailed(Role.CURRENT));
        events.put("adopted 9", new LifeEvent.Adopted(9));
        events.put("came up 1", new LifeEvent.CameUp(1));
        events.put("became ready 1", new LifeEvent.BecameReady(1));
        events.put("became ready 2", new LifeEvent.BecameReady(2));
        events.put("withdrew 1", new LifeEvent.Withdrew(1));
        events.put("gave up 2", new LifeEvent.GaveUp(2));
        events.put("promoted 2", new LifeEvent.Promoted(2));
        events.put("recalled 1", new LifeEvent.Recalled(1));
        events.put("dismissed 1", new LifeEvent.Dismissed(1));
        events.put("answered 1", new LifeEvent.Answered(1));
        events.put("drained 1", new LifeEvent.Drained(1));
        events.put("kill due 1", new LifeEvent.KillDue(1));
        events.put("exited 1, stable", new LifeEvent.Exited(1, 1, Duration.ofSeconds(9), NOW));
        events.put("exited 1, finally", new LifeEvent.Exited(1, 7, Duration.ofSeconds(9), NOW));
        events.put("exited 2", new LifeEvent.Exited(2, 1, Duration.ZERO, NOW));
        events.put("restart due", new LifeEvent.RestartDue(1));
        return events;
    }

    @Test
    void endsADrainedWorkerOnceAndKillsItOnce() {
        InstanceState draining =
                InstanceState.stopped().phase(Phase.STOPPING).current(1).leaving(1, Leaving.DRAINING);
        Lifecycle.Step asked = Lifecycle.step(RULES, draining, new LifeEvent.Drained(1));
        assertThat(asked.effects()).containsExactly(new Effect.Terminate(1));
        assertThat(Lifecycle.step(RULES, asked.state(), new LifeEvent.Drained(1))
                        .effects())
                .isEmpty();
        Lifecycle.Step killed = Lifecycle.step(RULES, asked.state(), new LifeEvent.KillDue(1));
        assertThat(killed.effects()).containsExactly(new Effect.Kill(1));
        assertThat(Lifecycle.step(RULES, killed.state(), new LifeEvent.KillDue(1))
                        .effects())
                .isEmpty();
    }

    @Test
    void givesUpAfterTooManyUnstableExits() {
        History past = new History(LongStream.of(NOW - 20, NOW - 10).boxed().toList(), Duration.ZERO);
        InstanceState state = InstanceState.stopped()
                .wanted(Wanted.UP)
                .phase(Phase.READY)
                .current(1)
                .history(past);
        Lifecycle.Step step = Lifecycle.step(RULES, state, new LifeEvent.Exited(1, 1, Duration.ZERO, NOW));
        assertThat(step.state().phase()).isEqualTo(Phase.ERRORED);
        assertThat(step.effects()).containsExactly(new Effect.Complain(3));
    }
}
