package io.pm2j.config.spec;

import io.pm2j.config.AppName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// An app as it is wanted: what to run, how often, and how to treat it. PM2: one element of `apps`.
///
/// `script` is absolute. `interpreter` is a program name or path; `none` runs the script itself, and `shell` means that
/// `script` is a command line for `bash -c` (then `sh -c`). `instances` is empty when the user did not say (one worker,
/// fork
/// mode), else already resolved to at least 1. `env` is the whole environment of the app before pm2j adds its own
/// variables.
/// `port`, in cluster mode with an interpreter other than Node, is the port that the edge opens; otherwise only `PORT`.
/// Durations are zero or positive. `outFile` and `errorFile` are empty for the default places under the home's `logs/`.
public record AppSpec(
        AppName name,
        String namespace,
        String script,
        List<String> args,
        Path cwd,
        String interpreter,
        List<String> interpreterArgs,
        OptionalInt instances,
        ExecMode execMode,
        Map<String, String> env,
        OptionalInt port,
        boolean waitReady,
        Duration listenTimeout,
        Duration killTimeout,
        boolean autorestart,
        Duration minUptime,
        int maxRestarts,
        Duration restartDelay,
        Optional<Path> outFile,
        Optional<Path> errorFile,
        Optional<Boolean> mergeLogs) {

    /// PM2: namespace `default`.
    public static final String DEFAULT_NAMESPACE = "default";
    /// PM2: listen_timeout 3000 ms (GRACEFUL_LISTEN_TIMEOUT).
    public static final Duration DEFAULT_LISTEN_TIMEOUT = Duration.ofMillis(3_000);
    /// PM2: kill_timeout 1600 ms (KILL_TIMEOUT).
    public static final Duration DEFAULT_KILL_TIMEOUT = Duration.ofMillis(1_600);
    /// PM2: min_uptime 1000 ms.
    public static final Duration DEFAULT_MIN_UPTIME = Duration.ofMillis(1_000);
    /// PM2: max_restarts 16.
    public static final int DEFAULT_MAX_RESTARTS = 16;
    /// The interpreter of a script that is run as it is.
    public static final String NO_INTERPRETER = "none";
    /// The interpreter of a command line.
    public static final String SHELL = "shell";

    public AppSpec {
        args = List.copyOf(args);
        interpreterArgs = List.copyOf(interpreterArgs);
        env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
        if (!cwd.isAbsolute()) {
            throw new IllegalArgumentException("cwd: " + cwd + " (expected: an absolute path)");
        }
        if (instances.isPresent() && instances.getAsInt() < 1) {
            throw new IllegalArgumentException("instances: " + instances.getAsInt() + " (expected: >= 1)");
        }
    }

    /// How many workers are wanted.
    public int instanceCount() {
        return instances.orElse(1);
    }

    /// Whether the interpreter is Node, so that cluster mode needs no private port.
    public boolean node() {
        String program = interpreter.substring(interpreter.lastIndexOf('/') + 1);
        return program.equals("node") || program.equals("nodejs");
    }

    public AppSpec withInstances(int count) {
        return new AppSpec(
                name,
                namespace,
                script,
                args,
                cwd,
                interpreter,
                interpreterArgs,
                OptionalInt.of(count),
                execMode,
                env,
                port,
                waitReady,
                listenTimeout,
                killTimeout,
                autorestart,
                minUptime,
                maxRestarts,
                restartDelay,
                outFile,
                errorFile,
                mergeLogs);
    }

    /// Leaves the environment out: it may hold secrets.
    @Override
    public String toString() {
        return "AppSpec[" + name + " " + execMode.pm2Text() + " x" + instanceCount() + " " + interpreter + " " + script
                + "]";
    }
}
