package io.pm2j.cli.command;

import io.pm2j.cli.typed.Arguments;
import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.AppOptions;
import io.pm2j.config.read.AppSpecs;
import io.pm2j.config.read.Attribute;
import io.pm2j.config.read.Caller;
import io.pm2j.config.read.EcosystemReader;
import io.pm2j.config.read.Node;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.control.ControlRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// `start`: scripts, ecosystem files, and names, namespaces or ids that the daemon knows.
///
/// Everything named is looked at before anything is started.
final class Start {
    /// PM2: without an operand, this file in the working folder.
    private static final List<String> USUAL_FILES = List.of("ecosystem.config.js", "ecosystem.config.cjs");

    private static final Map<Option, Attribute> ATTRIBUTES = attributes();

    private Start() {}

    static int run(Session session) throws Failure {
        List<String> operands = session.typed.operands().isEmpty() ? List.of(usualFile()) : session.typed.operands();
        Caller caller = Caller.here(session.typed.value(Option.ENV));
        List<AppSpec> fromFiles = new ArrayList<>();
        List<AppSpec> scripts = new ArrayList<>();
        List<String> known = new ArrayList<>();
        for (String operand : operands) {
            if (EcosystemReader.looksLikeConfig(operand)) {
                fromFiles.addAll(readFile(session, operand, caller));
            } else if (!operand.isEmpty() && isKnown(session, operand)) {
                known.add(operand);
            } else {
                scripts.add(resolve(session, operand, caller));
            }
        }
        int code = ExitCode.OK;
        boolean force = session.typed.has(Option.FORCE);
        if (!fromFiles.isEmpty()) {
            code |= session.ask(new ControlRequest.Start(fromFiles, true, force), _ -> {});
        }
        if (!scripts.isEmpty()) {
            code |= session.ask(new ControlRequest.Start(scripts, false, force), _ -> {});
        }
        if (!known.isEmpty()) {
            code |= session.askAboutApps(new ControlRequest.Act(ControlRequest.Verb.START, known), _ -> {});
        }
        if (code == ExitCode.OK) {
            session.table();
        }
        return code;
    }

    private static String usualFile() throws Failure {
        return USUAL_FILES.stream()
                .filter(file -> Files.exists(Path.of(file)))
                .findFirst()
                .orElseThrow(() -> new Failure("start what? (expected: a script, an ecosystem file, a name or an id)"));
    }

    /// PM2: a name, namespace or id that is known is started again; a file of that name is not looked at then.
    private static boolean isKnown(Session session, String operand) throws Failure {
        if (Files.isRegularFile(Path.of(operand))) {
            return false;
        }
        for (ProcessView view : session.processes(List.of())) {
            if (operand.equals("all")
                    || view.name().equals(operand)
                    || view.namespace().equals(operand)
                    || String.valueOf(view.pmId()).equals(operand)) {
                return true;
            }
        }
        return false;
    }

    private static List<AppSpec> readFile(Session session, String file, Caller caller) throws Failure {
        String only = session.typed.value(Option.ONLY).orElse("");
        Set<String> chosen = only.isEmpty() ? Set.of() : Set.of(only.split(","));
        try {
            EcosystemReader.ReadApps read = EcosystemReader.read(
                    Path.of(file),
                    caller,
                    name -> chosen.isEmpty() || chosen.contains(name),
                    typedOptions(session.typed, "command line"));
            read.warnings().forEach(warning -> session.warn(warning.toString()));
            return read.apps();
        } catch (InvalidConfig e) {
            throw failure(e);
        }
    }

    private static AppSpec resolve(Session session, String script, Caller caller) throws Failure {
        if (session.typed.has(Option.ENV)) {
            throw new Failure("--env chooses a block of an ecosystem file, and " + script + " is none");
        }
        AppOptions options = typedOptions(session.typed, "").with(Attribute.SCRIPT, Node.text(script));
        if (!session.typed.afterDashes().isEmpty()) {
            options = options.with(
                    Attribute.ARGS,
                    new Node.Arr(
                            Node.Position.UNKNOWN,
                            session.typed.afterDashes().stream().map(Node::text).collect(Collectors.toList())));
        }
        try {
            return AppSpecs.resolve(options, caller);
        } catch (InvalidConfig e) {
            throw new Failure(e.problems().stream().map(ConfigProblem::sentence).toList());
        }
    }

    private static Failure failure(InvalidConfig invalid) {
        return new Failure(
                invalid.problems().stream().map(ConfigProblem::toString).toList());
    }

    private static AppOptions typedOptions(Arguments typed, String source) {
        AppOptions options = AppOptions.none(source, "");
        for (Map.Entry<Option, Attribute> entry : ATTRIBUTES.entrySet()) {
            if (typed.has(entry.getKey())) {
                options = options.with(
                        entry.getValue(), Node.text(typed.value(entry.getKey()).orElse("")));
            }
        }
        if (typed.has(Option.WAIT_READY)) {
            options = options.with(Attribute.WAIT_READY, Node.bool(true));
        }
        if (typed.has(Option.NO_AUTORESTART)) {
            options = options.with(Attribute.AUTORESTART, Node.bool(false));
        }
        if (typed.has(Option.MERGE_LOGS)) {
            options = options.with(Attribute.MERGE_LOGS, Node.bool(true));
        }
        if (typed.has(Option.EXECUTE_COMMAND)) {
            options = options.with(Attribute.EXEC_MODE, Node.text("fork"));
        }
        return options;
    }

    private static Map<Option, Attribute> attributes() {
        Map<Option, Attribute> attributes = new LinkedHashMap<>();
        attributes.put(Option.NAME, Attribute.NAME);
        attributes.put(Option.INSTANCES, Attribute.INSTANCES);
        attributes.put(Option.PORT, Attribute.PORT);
        attributes.put(Option.INTERPRETER, Attribute.INTERPRETER);
        attributes.put(Option.INTERPRETER_ARGS, Attribute.INTERPRETER_ARGS);
        attributes.put(Option.CWD, Attribute.CWD);
        attributes.put(Option.NAMESPACE, Attribute.NAMESPACE);
        attributes.put(Option.LISTEN_TIMEOUT, Attribute.LISTEN_TIMEOUT);
        attributes.put(Option.KILL_TIMEOUT, Attribute.KILL_TIMEOUT);
        attributes.put(Option.MAX_RESTARTS, Attribute.MAX_RESTARTS);
        attributes.put(Option.RESTART_DELAY, Attribute.RESTART_DELAY);
        attributes.put(Option.MIN_UPTIME, Attribute.MIN_UPTIME);
        attributes.put(Option.OUTPUT, Attribute.OUT_FILE);
        attributes.put(Option.ERROR, Attribute.ERROR_FILE);
        return attributes;
    }
}
