package io.pm2j.supervisor;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Environment;
import io.pm2j.config.spec.Program;
import io.pm2j.config.spec.ReadySpec;
import io.pm2j.config.spec.RestartSpec;
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
    /// Unstable before 300 ms, errored after five of those.
    public static final RestartSpec RESTART = new RestartSpec(
            true,
            Duration.ofMillis(300),
            5,
            Duration.ZERO,
            Duration.ZERO,
            Set.of(),
            OptionalLong.empty(),
            Optional.empty(),
            Duration.ZERO);

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
                .ready(new ReadySpec(false, Duration.ofSeconds(5)))
                .stop(STOP)
                .restart(RESTART);
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
                .spec();
    }

    public static AppSpec waitReady(AppSpec s, Duration limit) {
        return s.draft().ready(new ReadySpec(true, limit)).spec();
    }

    public static AppSpec once(AppSpec s) {
        RestartSpec r = s.restart();
        return s.draft()
                .restart(new RestartSpec(
                        false,
                        r.minUptime(),
                        r.maxUnstable(),
                        r.delay(),
                        r.backoff(),
                        r.finalExitCodes(),
                        r.maxMemoryBytes(),
                        r.cron(),
                        r.watchdog()))
                .spec();
    }
}
