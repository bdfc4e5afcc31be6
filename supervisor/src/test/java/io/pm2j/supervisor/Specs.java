package io.pm2j.supervisor;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Specs for tests: short ones, and copies with one thing changed.
public final class Specs {
    private Specs() {}

    public static AppSpec fork(String name, String script) {
        return spec(name, script, "node", OptionalInt.empty(), ExecMode.FORK);
    }

    public static AppSpec cluster(String name, String script, int instances) {
        return spec(name, script, "node", OptionalInt.of(instances), ExecMode.CLUSTER);
    }

    private static AppSpec spec(String name, String script, String interpreter, OptionalInt instances, ExecMode mode) {
        Path parent = Path.of(script).getParent();
        return new AppSpec(
                new AppName(name),
                "default",
                script,
                List.of(),
                parent == null ? Path.of("/") : parent,
                interpreter,
                List.of(),
                instances,
                mode,
                Map.of("PATH", System.getenv("PATH")),
                OptionalInt.empty(),
                false,
                Duration.ofSeconds(5),
                Duration.ofMillis(800),
                true,
                Duration.ofMillis(300),
                5,
                Duration.ZERO,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    public static AppSpec withPort(AppSpec s, int port) {
        return new AppSpec(
                s.name(),
                s.namespace(),
                s.script(),
                s.args(),
                s.cwd(),
                s.interpreter(),
                s.interpreterArgs(),
                s.instances(),
                s.execMode(),
                s.env(),
                OptionalInt.of(port),
                s.waitReady(),
                s.listenTimeout(),
                s.killTimeout(),
                s.autorestart(),
                s.minUptime(),
                s.maxRestarts(),
                s.restartDelay(),
                s.outFile(),
                s.errorFile(),
                s.mergeLogs());
    }

    public static AppSpec withEnv(AppSpec s, Map<String, String> more) {
        Map<String, String> env = new HashMap<>(s.env());
        env.putAll(more);
        return new AppSpec(
                s.name(),
                s.namespace(),
                s.script(),
                s.args(),
                s.cwd(),
                s.interpreter(),
                s.interpreterArgs(),
                s.instances(),
                s.execMode(),
                env,
                s.port(),
                s.waitReady(),
                s.listenTimeout(),
                s.killTimeout(),
                s.autorestart(),
                s.minUptime(),
                s.maxRestarts(),
                s.restartDelay(),
                s.outFile(),
                s.errorFile(),
                s.mergeLogs());
    }

    public static AppSpec withScript(AppSpec s, String script) {
        return new AppSpec(
                s.name(),
                s.namespace(),
                script,
                s.args(),
                s.cwd(),
                s.interpreter(),
                s.interpreterArgs(),
                s.instances(),
                s.execMode(),
                s.env(),
                s.port(),
                s.waitReady(),
                s.listenTimeout(),
                s.killTimeout(),
                s.autorestart(),
                s.minUptime(),
                s.maxRestarts(),
                s.restartDelay(),
                s.outFile(),
                s.errorFile(),
                s.mergeLogs());
    }

    public static AppSpec python(AppSpec s) {
        return new AppSpec(
                s.name(),
                s.namespace(),
                s.script(),
                s.args(),
                s.cwd(),
                "python3",
                List.of("-u"),
                s.instances(),
                s.execMode(),
                s.env(),
                s.port(),
                s.waitReady(),
                s.listenTimeout(),
                s.killTimeout(),
                s.autorestart(),
                s.minUptime(),
                s.maxRestarts(),
                s.restartDelay(),
                s.outFile(),
                s.errorFile(),
                s.mergeLogs());
    }

    public static AppSpec waitReady(AppSpec s, Duration listenTimeout) {
        return new AppSpec(
                s.name(),
                s.namespace(),
                s.script(),
                s.args(),
                s.cwd(),
                s.interpreter(),
                s.interpreterArgs(),
                s.instances(),
                s.execMode(),
                s.env(),
                s.port(),
                true,
                listenTimeout,
                s.killTimeout(),
                s.autorestart(),
                s.minUptime(),
                s.maxRestarts(),
                s.restartDelay(),
                s.outFile(),
                s.errorFile(),
                s.mergeLogs());
    }

    public static AppSpec once(AppSpec s) {
        return new AppSpec(
                s.name(),
                s.namespace(),
                s.script(),
                s.args(),
                s.cwd(),
                s.interpreter(),
                s.interpreterArgs(),
                s.instances(),
                s.execMode(),
                s.env(),
                s.port(),
                s.waitReady(),
                s.listenTimeout(),
                s.killTimeout(),
                false,
                s.minUptime(),
                s.maxRestarts(),
                s.restartDelay(),
                s.outFile(),
                s.errorFile(),
                s.mergeLogs());
    }
}
