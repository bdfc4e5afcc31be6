package io.pm2j.config.read;

import io.pm2j.config.AppName;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Environment;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.config.spec.LogSpec;
import io.pm2j.config.spec.ProcessSpec;
import io.pm2j.config.spec.Program;
import io.pm2j.config.spec.ReadySpec;
import io.pm2j.config.spec.RestartSpec;
import io.pm2j.config.spec.StopSpec;
import io.pm2j.config.spec.WatchSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;

/// A running app's spec with what was typed on top of it: `restart app --max-memory-restart 200M`. What was not typed
/// stays as it is. PM2: the options of restart and reload are merged into the process.
public final class Amendment {
    /// What an app cannot change without another being made of it.
    private static final Set<Attribute> FIXED = Set.of(Attribute.SCRIPT, Attribute.NAMESPACE);

    private final AppSpec running;
    private final Values values;
    private final ScriptFinder finder;
    private final Treatment treatment;

    private Amendment(AppSpec running, AppOptions typed, Caller caller, Problems problems) {
        this.running = running;
        this.values = new Values(typed, Node.Position.UNKNOWN, problems);
        this.finder = new ScriptFinder(running.cwd(), caller.path());
        this.treatment = new Treatment(values, running.cwd(), caller);
    }

    /// `running` with `typed` on top.
    ///
    /// @throws InvalidConfig with every problem, when there is one
    public static AppSpec of(AppSpec running, AppOptions typed, Caller caller) throws InvalidConfig {
        Problems problems = new Problems(typed.source());
        for (Attribute attribute : FIXED) {
            typed.of(attribute)
                    .ifPresent(
                            node -> problems.add(
                                    node.at(),
                                    attribute.text(),
                                    "the " + attribute.text()
                                            + " cannot change while the app is listed (expected: delete it, and start it anew)"));
        }
        AppSpec amended = new Amendment(running, typed, caller, problems).spec(caller.processors());
        problems.throwIfAny();
        return amended;
    }

    private AppSpec spec(int processors) {
        Program program = program();
        OptionalInt typed = values.instances(processors);
        OptionalInt instances = typed.isPresent() ? typed : running.instances();
        OptionalInt port = values.given(Attribute.PORT) ? values.whole(Attribute.PORT, 1, 65_535) : running.port();
        Path cwd = given(
                Attribute.CWD, () -> values.path(Attribute.CWD, running.cwd()).orElse(running.cwd()), running.cwd());
        return running.draft()
                .name(name())
                .program(program, cwd)
                .instances(instances)
                .execMode(execMode(program, typed, port))
                .port(port)
                .environment(environment())
                .autostart(values.flag(Attribute.AUTOSTART, running.autostart()))
                .ready(ready())
                .stop(stop())
                .restart(restart())
                .watch(watch())
                .logs(logs())
                .process(process())
                .pidFile(given(
                        Attribute.PID_FILE, () -> values.path(Attribute.PID_FILE, running.cwd()), running.pidFile()))
                .spec();
    }

    /// PM2: `restart app --name other`.
    private AppName name() {
        String wanted = values.text(Attribute.NAME).orElse(running.name().text());
        try {
            return new AppName(wanted);
        } catch (IllegalArgumentException e) {
            values.problem(Attribute.NAME, String.valueOf(e.getMessage()));
            return running.name();
        }
    }

    private <T> T given(Attribute attribute, Supplier<T> typed, T otherwise) {
        return values.given(attribute) ? typed.get() : otherwise;
    }

    private Program program() {
        Program now = running.program();
        String interpreter = now.interpreter();
        if (values.given(Attribute.INTERPRETER)) {
            String wanted = values.text(Attribute.INTERPRETER).orElse(interpreter);
            Optional<String> found = wanted.equals(Program.NONE) ? Optional.of(wanted) : finder.interpreter(wanted);
            if (found.isEmpty()) {
                values.problem(Attribute.INTERPRETER, "interpreter " + wanted + " is not to be found in PATH");
            }
            interpreter = found.orElse(wanted);
        }
        return new Program(
                now.script(),
                given(Attribute.ARGS, () -> values.words(Attribute.ARGS), now.args()),
                interpreter,
                given(
                        Attribute.INTERPRETER_ARGS,
                        () -> values.words(Attribute.INTERPRETER_ARGS),
                        now.interpreterArgs()));
    }

    /// As at a start: instances make a cluster of what can be one, unless fork mode was asked for.
    private ExecMode execMode(Program program, OptionalInt typed, OptionalInt port) {
        if (values.text(Attribute.EXEC_MODE)
                .filter(mode -> mode.startsWith("fork"))
                .isPresent()) {
            return ExecMode.FORK;
        }
        boolean canCluster = program.node() || port.isPresent();
        return typed.isPresent() && canCluster ? ExecMode.CLUSTER : running.execMode();
    }

    private Environment environment() {
        Environment now = running.environment();
        return new Environment(
                now.caller(),
                now.own(),
                given(Attribute.FILTER_ENV, () -> Variables.dropped(values), now.dropped()),
                values.text(Attribute.INSTANCE_VAR).orElse(now.instanceVariable()),
                values.text(Attribute.INCREMENT_VAR).or(now::counted));
    }

    private ReadySpec ready() {
        ReadySpec now = running.ready();
        ReadySpec typed = treatment.ready();
        return new ReadySpec(
                values.flag(Attribute.WAIT_READY, now.waitForMessage()),
                given(Attribute.LISTEN_TIMEOUT, typed::limit, now.limit()));
    }

    private StopSpec stop() {
        StopSpec now = running.stop();
        StopSpec typed = treatment.stop();
        return new StopSpec(
                given(Attribute.KILL_SIGNAL, typed::signal, now.signal()),
                values.flag(Attribute.SHUTDOWN_WITH_MESSAGE, now.byMessage()),
                given(Attribute.KILL_TIMEOUT, typed::limit, now.limit()),
                values.flag(Attribute.TREEKILL, now.wholeTree()));
    }

    private RestartSpec restart() {
        RestartSpec now = running.restart();
        RestartSpec typed = treatment.restart();
        return new RestartSpec(
                values.flag(Attribute.AUTORESTART, now.automatic()),
                given(Attribute.MIN_UPTIME, typed::minUptime, now.minUptime()),
                given(Attribute.MAX_RESTARTS, typed::maxUnstable, now.maxUnstable()),
                given(Attribute.RESTART_DELAY, typed::delay, now.delay()),
                given(Attribute.EXP_BACKOFF_RESTART_DELAY, typed::backoff, now.backoff()),
                given(Attribute.STOP_EXIT_CODES, typed::finalExitCodes, now.finalExitCodes()),
                given(Attribute.MAX_MEMORY_RESTART, typed::maxMemoryBytes, now.maxMemoryBytes()),
                given(Attribute.CRON_RESTART, typed::cron, now.cron()),
                given(Attribute.WATCHDOG, typed::watchdog, now.watchdog()));
    }

    private WatchSpec watch() {
        WatchSpec now = running.watch();
        WatchSpec typed = treatment.watch();
        return new WatchSpec(
                given(Attribute.WATCH, typed::paths, now.paths()),
                given(Attribute.IGNORE_WATCH, typed::ignored, now.ignored()),
                given(Attribute.WATCH_DELAY, typed::delay, now.delay()));
    }

    private LogSpec logs() {
        LogSpec now = running.logs();
        LogSpec typed = treatment.logs(running.name());
        boolean dates = values.given(Attribute.LOG_DATE_FORMAT) || values.given(Attribute.TIME);
        return new LogSpec(
                given(Attribute.OUT_FILE, typed::out, now.out()),
                given(Attribute.ERROR_FILE, typed::error, now.error()),
                given(Attribute.LOG_FILE, typed::combined, now.combined()),
                values.flag(Attribute.MERGE_LOGS).or(now::merged),
                dates ? typed.dateFormat() : now.dateFormat(),
                given(Attribute.LOG_TYPE, typed::json, now.json()),
                values.flag(Attribute.DISABLE_LOGS, now.disabled()),
                given(Attribute.LOG_ROTATE, typed::rotation, now.rotation()));
    }

    private ProcessSpec process() {
        ProcessSpec now = running.process();
        ProcessSpec typed = treatment.process();
        return new ProcessSpec(
                given(Attribute.UID, typed::user, now.user()),
                given(Attribute.GID, typed::group, now.group()),
                given(Attribute.UMASK, typed::umask, now.umask()),
                given(Attribute.OPEN_FILES, typed::openFiles, now.openFiles()));
    }

    /// What was typed after `--`, as the script's arguments.
    public static AppOptions withArguments(AppOptions options, List<String> words) {
        return words.isEmpty()
                ? options
                : options.with(
                        Attribute.ARGS,
                        new Node.Arr(
                                Node.Position.UNKNOWN,
                                words.stream().<Node>map(Node::text).toList()));
    }
}
