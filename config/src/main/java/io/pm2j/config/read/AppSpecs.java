package io.pm2j.config.read;

import io.pm2j.config.AppName;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.ScriptFinder.Found;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.config.spec.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        Chosen chosen = program(values, finder);
        Program program = chosen.program;
        OptionalInt instances = values.instances(caller.processors());
        OptionalInt port = values.whole(Attribute.PORT, 1, 65_535);
        ExecMode mode = execMode(values, program, instances, port);
        AppName name = name(values, chosen.title, caller).orElse(new AppName("unnamed"));
        Treatment treatment = new Treatment(values, cwd, caller);
        AppSpec spec = AppSpec.draft(name, program, cwd)
                .namespace(values.text(Attribute.NAMESPACE).orElse(AppSpec.DEFAULT_NAMESPACE))
                .instances(instances)
                .execMode(mode)
                .environment(Variables.of(options, values, cwd, caller))
                .port(port)
                .autostart(values.flag(Attribute.AUTOSTART, true))
                .ready(treatment.ready())
                .stop(treatment.stop())
                .restart(treatment.restart())
                .watch(treatment.watch())
                .logs(treatment.logs(name))
                .process(treatment.process())
                .pidFile(values.path(Attribute.PID_FILE, cwd))
                .rollout(treatment.rollout())
                .dependsOn(DependencyReader.read(values))
                .spec();
        problems.addAll(own);
        return own.any() ? Optional.empty() : Optional.of(spec);
    }

    /// What is run, and how its name begins.
    private record Chosen(Program program, String title) {}

    private static Chosen program(Values values, ScriptFinder finder) {
        Optional<String> script = values.text(Attribute.SCRIPT);
        if (script.isEmpty()) {
            if (!values.given(Attribute.SCRIPT)) {
                values.problem(Attribute.SCRIPT, "missing (expected: what to run)");
            }
            return new Chosen(new Program("", List.of(), Program.NONE, List.of()), "");
        }
        Optional<String> interpreter = values.text(Attribute.INTERPRETER);
        return switch (finder.find(script.get())) {
            case Found.Nothing(String sentence) -> {
                values.problem(Attribute.SCRIPT, sentence);
                yield new Chosen(new Program(script.get(), List.of(), Program.NONE, List.of()), script.get());
            }
            case Found.Line(String text) -> new Chosen(new Program(text, List.of(), Program.SHELL, List.of()), text);
            case Found.Command(Path path) -> run(path, interpreter.orElse(Program.NONE), values, finder);
            case Found.File(Path path) ->
                run(path, interpreter.orElseGet(() -> finder.interpreterOf(path).orElse(Program.NONE)), values, finder);
        };
    }

    private static Chosen run(Path path, String wanted, Values values, ScriptFinder finder) {
        List<String> args = values.words(Attribute.ARGS);
        List<String> interpreterArgs = new ArrayList<>(values.words(Attribute.INTERPRETER_ARGS));
        if (wanted.equals(Program.NONE)) {
            if (!Files.isExecutable(path)) {
                values.problem(Attribute.SCRIPT, path + " is not executable (expected: so, or an interpreter)");
            }
            return new Chosen(new Program(path.toString(), args, wanted, interpreterArgs), title(path));
        }
        Optional<String> interpreter = finder.interpreter(wanted);
        if (interpreter.isEmpty()) {
            values.problem(
                    Attribute.INTERPRETER,
                    "interpreter " + wanted + " is not to be found in PATH (needed to run " + path + ")");
        }
        Program program = new Program(path.toString(), args, interpreter.orElse(wanted), interpreterArgs);
        if (program.runs("java")) {
            program = JavaProgram.of(program, path);
        } else if (program.node() && sourceMaps(values, path)) {
            interpreterArgs.addFirst("--enable-source-maps");
            program = new Program(program.script(), args, program.interpreter(), interpreterArgs);
        }
        return new Chosen(program, title(path));
    }

    /// PM2: on when wanted, and also when a map lies beside the script.
    private static boolean sourceMaps(Values values, Path script) {
        return !values.flag(Attribute.DISABLE_SOURCE_MAP_SUPPORT, false)
                && values.flag(Attribute.SOURCE_MAP_SUPPORT)
                        .orElseGet(() -> Files.exists(script.resolveSibling(script.getFileName() + ".map")));
    }

    /// PM2: the name of the file without its extension.
    private static String title(Path path) {
        String file = path.getFileName().toString();
        int dot = file.lastIndexOf('.');
        return dot > 0 ? file.substring(0, dot) : file;
    }

    private static Optional<AppName> name(Values values, String title, Caller caller) {
        String text = values.text(Attribute.NAME).orElse(title.replace('/', '_'));
        if (values.flag(Attribute.APPEND_ENV_TO_NAME, false)) {
            text += caller.envName().map(env -> "-" + env).orElse("");
        }
        try {
            return Optional.of(new AppName(text));
        } catch (IllegalArgumentException e) {
            if (!title.isEmpty()) {
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
}
