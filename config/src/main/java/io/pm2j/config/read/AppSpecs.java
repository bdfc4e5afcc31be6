package io.pm2j.config.read;

import io.pm2j.config.AppName;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.ScriptFinder.Found;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Makes specs of options: fills in what was not said, checks what was, and finds the script.
public final class AppSpecs {
    private AppSpecs() {}

    /// The spec that `options` mean for `caller`.
    ///
    /// @throws InvalidConfig with every problem, when there is one
    public static AppSpec resolve(AppOptions options, Caller caller) throws InvalidConfig {
        Problems problems = new Problems(options.source());
        Optional<AppSpec> spec = resolve(options, Node.Position.UNKNOWN, caller, problems);
        problems.throwIfAny();
        return spec.orElseThrow();
    }

    /// The name as somebody wrote it, if they did.
    static Optional<String> writtenName(AppOptions options) {
        return new Values(options, Node.Position.UNKNOWN, new Problems("")).text(Attribute.NAME);
    }

    /// Empty exactly when problems were added. `at` is where the app begins.
    static Optional<AppSpec> resolve(AppOptions options, Node.Position at, Caller caller, Problems problems) {
        Problems own = new Problems(problems.source());
        Values values = new Values(options, at, own);
        Path cwd = values.path(Attribute.CWD, caller.cwd())
                .orElse(caller.cwd().toAbsolutePath().normalize());
        if (!Files.isDirectory(cwd)) {
            values.problem(Attribute.CWD, cwd + " is not a directory");
        }
        ScriptFinder finder = new ScriptFinder(cwd, caller.path());
        Program program = program(values, finder);
        OptionalInt instances = values.instances(caller.processors());
        OptionalInt port = values.whole(Attribute.PORT, 1, 65_535);
        ExecMode mode = execMode(values, program, instances, port);
        Optional<AppName> name = name(values, program);
        AppSpec spec = new AppSpec(
                name.orElse(new AppName("unnamed")),
                values.text(Attribute.NAMESPACE).orElse(AppSpec.DEFAULT_NAMESPACE),
                program.script,
                values.words(Attribute.ARGS),
                cwd,
                program.interpreter,
                program.interpreterArgs,
                instances,
                mode,
                environment(options, values, caller),
                port,
                values.flag(Attribute.WAIT_READY, false),
                values.duration(Attribute.LISTEN_TIMEOUT, AppSpec.DEFAULT_LISTEN_TIMEOUT),
                values.duration(Attribute.KILL_TIMEOUT, AppSpec.DEFAULT_KILL_TIMEOUT),
                values.flag(Attribute.AUTORESTART, true),
                values.duration(Attribute.MIN_UPTIME, AppSpec.DEFAULT_MIN_UPTIME),
                values.whole(Attribute.MAX_RESTARTS, 0, 1_000_000).orElse(AppSpec.DEFAULT_MAX_RESTARTS),
                values.duration(Attribute.RESTART_DELAY, Duration.ZERO),
                logFile(values, Attribute.OUT_FILE, cwd),
                logFile(values, Attribute.ERROR_FILE, cwd),
                values.flag(Attribute.MERGE_LOGS));
        problems.addAll(own);
        return own.any() ? Optional.empty() : Optional.of(spec);
    }

    /// What is run, and how its name begins.
    private record Program(String script, String interpreter, List<String> interpreterArgs, String title) {
        /// As [AppSpec#node()].
        boolean node() {
            return runs("node") || runs("nodejs");
        }

        boolean runs(String program) {
            return interpreter.substring(interpreter.lastIndexOf('/') + 1).equals(program);
        }
    }

    private static Program program(Values values, ScriptFinder finder) {
        Optional<String> script = values.text(Attribute.SCRIPT);
        if (script.isEmpty()) {
            if (!values.given(Attribute.SCRIPT)) {
                values.problem(Attribute.SCRIPT, "missing (expected: what to run)");
            }
            return new Program("", AppSpec.NO_INTERPRETER, List.of(), "");
        }
        Optional<String> interpreter = values.text(Attribute.INTERPRETER);
        return switch (finder.find(script.get())) {
            case Found.Nothing(String sentence) -> {
                values.problem(Attribute.SCRIPT, sentence);
                yield new Program(script.get(), AppSpec.NO_INTERPRETER, List.of(), script.get());
            }
            case Found.Line(String text) -> new Program(text, AppSpec.SHELL, List.of(), text);
            case Found.Command(Path path) -> run(path, interpreter.orElse(AppSpec.NO_INTERPRETER), values, finder);
            case Found.File(Path path) ->
                run(
                        path,
                        interpreter.orElseGet(() -> finder.interpreterOf(path).orElse(AppSpec.NO_INTERPRETER)),
                        values,
                        finder);
        };
    }

    private static Program run(Path path, String wanted, Values values, ScriptFinder finder) {
        List<String> interpreterArgs = new ArrayList<>(values.words(Attribute.INTERPRETER_ARGS));
        if (wanted.equals(AppSpec.NO_INTERPRETER)) {
            if (!Files.isExecutable(path)) {
                values.problem(Attribute.SCRIPT, path + " is not executable (expected: so, or an interpreter)");
            }
            return new Program(path.toString(), wanted, interpreterArgs, title(path));
        }
        Optional<String> interpreter = finder.interpreter(wanted);
        if (interpreter.isEmpty()) {
            values.problem(
                    Attribute.INTERPRETER,
                    "interpreter " + wanted + " is not to be found in PATH (needed to run " + path + ")");
        }
        Program program = new Program(path.toString(), interpreter.orElse(wanted), interpreterArgs, title(path));
        boolean jar = program.runs("java") && path.toString().endsWith(".jar");
        if (jar && (interpreterArgs.isEmpty() || !interpreterArgs.getLast().equals("-jar"))) {
            interpreterArgs.add("-jar");
        }
        return program;
    }

    /// PM2: `NULL` and `/dev/null` throw the text away.
    private static Optional<Path> logFile(Values values, Attribute attribute, Path cwd) {
        return values.text(attribute).equals(Optional.of("NULL"))
                ? Optional.of(Path.of("/dev/null"))
                : values.path(attribute, cwd);
    }

    /// PM2: the name of the file without its extension.
    private static String title(Path path) {
        String file = path.getFileName().toString();
        int dot = file.lastIndexOf('.');
        return dot > 0 ? file.substring(0, dot) : file;
    }

    private static Optional<AppName> name(Values values, Program program) {
        String text = values.text(Attribute.NAME).orElse(program.title.replace('/', '_'));
        try {
            return Optional.of(new AppName(text));
        } catch (IllegalArgumentException e) {
            if (!program.title.isEmpty()) {
                values.problem(Attribute.NAME, String.valueOf(e.getMessage()));
            }
            return Optional.empty();
        }
    }

    /// PM2: cluster when instances are given and the interpreter is Node, else fork. Here also for any runtime whose
    /// instances share a `port`.
    private static ExecMode execMode(Values values, Program program, OptionalInt instances, OptionalInt port) {
        boolean canCluster = program.node() || port.isPresent();
        String wanted = values.text(Attribute.EXEC_MODE).orElse("");
        switch (wanted) {
            case "" -> {
                return instances.isPresent() && canCluster ? ExecMode.CLUSTER : ExecMode.FORK;
            }
            case "fork", "fork_mode" -> {
                return ExecMode.FORK;
            }
            case "cluster", "cluster_mode" -> {
                if (!canCluster) {
                    values.problem(
                            Attribute.EXEC_MODE,
                            "cluster needs Node, or a port that the edge opens for the instances (expected: port)");
                }
                return ExecMode.CLUSTER;
            }
            default -> {
                values.problem(Attribute.EXEC_MODE, "'" + wanted + "' (expected: fork or cluster)");
                return ExecMode.FORK;
            }
        }
    }

    /// PM2: the caller's variables, then `env`, then the chosen `env_NAME`.
    private static Map<String, String> environment(AppOptions options, Values values, Caller caller) {
        Map<String, String> env = new LinkedHashMap<>(caller.env());
        options.of(Attribute.ENV).ifPresent(node -> env.putAll(values.environment(node, values.path(Attribute.ENV))));
        for (Map.Entry<String, Node> block : options.envs().entrySet()) {
            String path = values.path(Attribute.ENV) + "_" + block.getKey();
            Map<String, String> variables = values.environment(block.getValue(), path);
            if (caller.envName().equals(Optional.of(block.getKey()))) {
                env.putAll(variables);
            }
        }
        return env;
    }
}
