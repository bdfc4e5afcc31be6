package io.pm2j.supervisor;

import io.pm2j.config.AppName;
import io.pm2j.config.Cron;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Environment;
import io.pm2j.config.spec.Program;
import io.pm2j.config.spec.ReadySpec;
import io.pm2j.config.spec.RestartSpec;
import io.pm2j.config.spec.RolloutSpec;
import io.pm2j.config.spec.StopSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/// Specs for tests: short ones, and copies with one thing changed.
public final class Specs {
    /// Unstable before 30 s, errored after five of those. No boot takes that long: a start is over when a cluster
    /// worker
    /// serves, not because it has lived for a while, and a program that ends at once is unstable.
    public static final RestartSpec RESTART = new RestartSpec(
            true,
            Duration.ofSeconds(30),
            5,
            Duration.ZERO,
            Duration.ZERO,
            Set.of(),
            OptionalLong.empty(),
            Optional.empty(),
            Duration.ZERO);

    /// How long a new worker must serve before the last old one goes.
    private static final Duration BAKE = Duration.ofMillis(300);

    public static final StopSpec STOP = new StopSpec("SIGINT", false, Duration.ofMillis(800), true);

    private Specs() {}

    public static AppSpec fork(String name, String script) {
        return draft(name, new Program(script, List.of(), "node", List.of())).spec();
    }

    public static AppSpec cluster(String name, String script, int instances) {
        return draft(name, new Program(script, List.of(), "node", List.of()))
                .cluster(instances)
                .spec();
    }

    private static AppSpec.Draft draft(String name, Program program) {
        Path parent = Path.of(program.script()).getParent();
        return AppSpec.draft(new AppName(name), program, parent == null ? Path.of("/") : parent)
                .environment(Environment.of(Map.of("PATH", System.getenv("PATH"))))
                .ready(new ReadySpec(false, Duration.ofSeconds(60)))
                .stop(STOP)
                .restart(RESTART)
                .rollout(new RolloutSpec(1, 0, Optional.of(BAKE)));
    }

    public static AppSpec withPort(AppSpec s, int port) {
        return s.draft().port(OptionalInt.of(port)).spec();
    }

    public static AppSpec withEnv(AppSpec s, Map<String, String> more) {
        Map<String, String> env = new HashMap<>(s.environment().merged());
        env.putAll(more);
        return s.draft().environment(Environment.of(env)).spec();
    }

    public static AppSpec withScript(AppSpec s, String script) {
        Program p = s.program();
        return withProgram(s, new Program(script, p.args(), p.interpreter(), p.interpreterArgs()));
    }

    public static AppSpec python(AppSpec s) {
        return withProgram(s, new Program(s.program().script(), s.program().args(), "python3", List.of("-u")));
    }

    private static AppSpec withProgram(AppSpec s, Program program) {
        AppSpec.Draft draft = AppSpec.draft(s.name(), program, s.cwd())
                .execMode(s.execMode())
                .instances(s.instances())
                .environment(s.environment())
                .port(s.port());
        return draft.ready(s.ready())
                .stop(s.stop())
                .restart(s.restart())
                .logs(s.logs())
                .watch(s.watch())
                .process(s.process())
                .rollout(s.rollout())
                .spec();
    }

    public static AppSpec waitReady(AppSpec s, Duration limit) {
        return s.draft().ready(new ReadySpec(true, limit)).spec();
    }

    public static AppSpec stopWithin(AppSpec s, Duration limit) {
        return s.draft()
                .stop(new StopSpec(
                        s.stop().signal(), s.stop().byMessage(), limit, s.stop().wholeTree()))
                .spec();
    }

    public static AppSpec minUptime(AppSpec s, Duration minUptime) {
        RestartSpec r = s.restart();
        return restarting(s, r.automatic(), minUptime, r.maxMemoryBytes(), r.cron());
    }

    public static AppSpec once(AppSpec s) {
        RestartSpec r = s.restart();
        return restarting(s, false, r.minUptime(), r.maxMemoryBytes(), r.cron());
    }

    public static AppSpec mostMemory(AppSpec s, long bytes) {
        RestartSpec r = s.restart();
        return restarting(s, r.automatic(), r.minUptime(), OptionalLong.of(bytes), r.cron());
    }

    public static AppSpec cron(AppSpec s, Cron cron) {
        RestartSpec r = s.restart();
        return restarting(s, r.automatic(), r.minUptime(), r.maxMemoryBytes(), Optional.of(cron));
    }

    private static AppSpec restarting(
            AppSpec s, boolean automatic, Duration minUptime, OptionalLong mostMemory, Optional<Cron> cron) {
        RestartSpec r = s.restart();
        return s.draft()
                .restart(new RestartSpec(
                        automatic,
                        minUptime,
                        r.maxUnstable(),
                        r.delay(),
                        r.backoff(),
                        r.finalExitCodes(),
                        mostMemory,
                        cron,
                        r.watchdog()))
                .spec();
    }
}
