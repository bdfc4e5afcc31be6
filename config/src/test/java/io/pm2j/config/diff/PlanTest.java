package io.pm2j.config.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Environment;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.config.spec.LogRotation;
import io.pm2j.config.spec.LogSpec;
import io.pm2j.config.spec.Program;
import io.pm2j.config.spec.ReadySpec;
import io.pm2j.config.spec.RestartSpec;
import io.pm2j.config.spec.StopSpec;
import io.pm2j.config.spec.WatchSpec;
import io.pm2j.config.spec.edge.EdgeSpec;
import io.pm2j.config.spec.edge.ListenerSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PlanTest {
    private static final Path FOLDER = Path.of("/srv");
    private static final AppSpec API = cluster("api", 2);

    static Stream<Arguments> changes() {
        return Stream.of(
                change("nothing", draft -> draft, ""),
                change(
                        "another caller",
                        draft -> draft.environment(API.environment().withCaller(Map.of("SHELL", "zsh"))),
                        ""),
                change("instances", draft -> draft.instances(OptionalInt.of(4)), "~ api: instances 2 -> 4"),
                change("restart policy", draft -> draft.restart(restarts(5)), "~ api: max_restarts 16 -> 5 (in place)"),
                change(
                        "stop",
                        draft -> draft.stop(new StopSpec("SIGTERM", false, Duration.ofMillis(1_600), true)),
                        "~ api: kill_signal SIGINT -> SIGTERM (in place)"),
                change(
                        "ready",
                        draft -> draft.ready(new ReadySpec(false, Duration.ofSeconds(9))),
                        "~ api: listen_timeout 3000 ms -> 9000 ms (in place)"),
                change(
                        "watch",
                        draft -> draft.watch(new WatchSpec(List.of(FOLDER), List.of(), Duration.ZERO)),
                        "~ api: watch none -> /srv (in place)"),
                change(
                        "rotation",
                        draft -> draft.logs(logs(Optional.empty(), LogRotation.NEVER)),
                        "~ api: log_rotate (in place)"),
                change("scaled by hand", draft -> draft.logs(logs(Optional.of(false), LogRotation.DEFAULT)), ""),
                change(
                        "merged",
                        draft -> draft.logs(logs(Optional.of(true), LogRotation.DEFAULT)),
                        "~ api: merge_logs false -> true (reload)"),
                change("args", draft -> draft.program(program("--token=hush"), FOLDER), "~ api: args (reload)"),
                change(
                        "cwd",
                        draft -> draft.program(API.program(), Path.of("/opt")),
                        "~ api: cwd /srv -> /opt (reload)"),
                change(
                        "env",
                        draft -> draft.environment(environment(Map.of("A", "1", "C", "hush"))),
                        "~ api: env B C (reload)"),
                change("port", draft -> draft.port(OptionalInt.of(80)), "~ api: port none -> 80 (reload)"),
                change(
                        "several",
                        draft -> draft.restart(restarts(5))
                                .port(OptionalInt.of(80))
                                .cluster(3),
                        "~ api: port none -> 80, max_restarts 16 -> 5 (reload)|~ api: instances 2 -> 3"),
                change(
                        "mode",
                        draft -> draft.execMode(ExecMode.FORK),
                        "~ api: exec_mode cluster_mode -> fork_mode (restart)"),
                change(
                        "runtime",
                        draft -> draft.program(new Program("/srv/app.js", List.of(), "python3", List.of()), FOLDER),
                        "~ api: interpreter node -> python3 (restart)"));
    }

    private static Arguments change(String what, UnaryOperator<AppSpec.Draft> how, String lines) {
        return arguments(what, how.apply(API.draft()).spec(), lines);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("changes")
    void saysWhatAnAppNeeds(String what, AppSpec wanted, String lines) {
        Plan plan = plan(List.of(running(API)), Set.of(), wanted);
        assertThat(String.join("|", plan.lines())).as(what).isEqualTo(lines);
        assertThat(plan.nothing()).isEqualTo(lines.isEmpty());
    }

    @Test
    void appsComeAndGo() {
        Plan plan = plan(
                List.of(running(API), running(cluster("old", 1)), running(cluster("foreign", 1))),
                Set.of(new AppName("api"), new AppName("old"), new AppName("gone")),
                API,
                cluster("new", 1));
        assertThat(plan.lines()).containsExactly("+ app new (1 instance)", "- app old");
    }

    @Test
    void whatListensByItselfIsRestartedInsteadOfReloaded() {
        AppSpec fork = API.draft().execMode(ExecMode.FORK).spec();
        AppSpec wanted = fork.draft().environment(environment(Map.of())).spec();
        assertThat(plan(List.of(running(fork)), Set.of(), wanted).lines()).containsExactly("~ api: env A B (restart)");
    }

    @Test
    void aStoppedAppChangesWhenItStarts() {
        Running stopped = new Running(API, 2, false, Path.of("/elsewhere"));
        AppSpec wanted = API.draft().port(OptionalInt.of(80)).spec();
        assertThat(plan(List.of(stopped), Set.of(), wanted).lines())
                .containsExactly("~ api: port none -> 80 (at its next start)");
        assertThat(plan(List.of(stopped), Set.of(), API).nothing()).isTrue();
    }

    @Test
    void aLinkThatLeadsElsewhereIsAReload() {
        Running before = new Running(API, 2, true, Path.of("/releases/1"));
        assertThat(plan(List.of(before), Set.of(), API).lines()).containsExactly("~ api: /releases/1 -> /srv (reload)");
    }

    @Test
    void listenersComeAndGo() {
        EdgeSpec before = edge(80, 81);
        EdgeSpec after = edge(81, 82);
        Plan plan = Plan.of(List.of(), Set.of(), List.of(), before, after);
        assertThat(plan.lines()).containsExactly("+ listener [::]:82 (http)", "- listener [::]:80 (http)");
        assertThat(Plan.of(List.of(), Set.of(), List.of(), before, before).nothing())
                .isTrue();
    }

    private static EdgeSpec edge(int... ports) {
        List<ListenerSpec> listeners = Arrays.stream(ports)
                .mapToObj(port -> ListenerSpec.http(Address.anyInterface(port)))
                .toList();
        return new EdgeSpec(listeners, List.of(), List.of(), Optional.empty());
    }

    private static Plan plan(List<Running> running, Set<AppName> ofFile, AppSpec... wanted) {
        List<Wanted> all =
                Stream.of(wanted).map(spec -> new Wanted(spec, FOLDER)).toList();
        return Plan.of(running, ofFile, all, EdgeSpec.NONE, EdgeSpec.NONE);
    }

    private static Running running(AppSpec spec) {
        return new Running(spec, spec.instanceCount(), true, FOLDER);
    }

    private static AppSpec cluster(String name, int instances) {
        return AppSpec.draft(new AppName(name), program(), FOLDER)
                .cluster(instances)
                .environment(environment(Map.of("A", "1", "B", "2")))
                .spec();
    }

    private static Program program(String... args) {
        return new Program("/srv/app.js", List.of(args), "node", List.of());
    }

    private static Environment environment(Map<String, String> own) {
        return Environment.of(own).withCaller(Map.of("SHELL", "sh"));
    }

    private static LogSpec logs(Optional<Boolean> merged, LogRotation rotation) {
        return new LogSpec(
                Optional.empty(), Optional.empty(), Optional.empty(), merged, Optional.empty(), false, false, rotation);
    }

    private static RestartSpec restarts(int most) {
        return new RestartSpec(
                true,
                RestartSpec.DEFAULT_MIN_UPTIME,
                most,
                Duration.ZERO,
                Duration.ZERO,
                Set.of(),
                OptionalLong.empty(),
                Optional.empty(),
                Duration.ZERO);
    }
}
