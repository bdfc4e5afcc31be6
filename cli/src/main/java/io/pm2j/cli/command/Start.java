package io.pm2j.cli.command;

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
import java.util.Optional;
import java.util.stream.Collectors;

/// `start`: scripts, ecosystem files, and names, namespaces or ids that the daemon knows.
///
/// Everything named is looked at before anything is started.
final class Start {
    /// PM2: without an operand, this file in the working folder.
    private static final List<String> USUAL_FILES = List.of("ecosystem.config.js", "ecosystem.config.cjs");

    private Start() {}

    static int run(Session session) throws Failure {
        List<String> operands = session.typed.operands().isEmpty() ? List.of(usualFile()) : session.typed.operands();
        Caller caller = Caller.here(session.typed.value(Option.ENV));
        Map<String, EcosystemReader.ReadApps> files = new LinkedHashMap<>();
        List<AppSpec> scripts = new ArrayList<>();
        List<String> known = new ArrayList<>();
        for (String operand : operands) {
            if (EcosystemReader.looksLikeConfig(operand)) {
                files.put(operand, TypedApps.fromFile(session, operand, caller));
            } else if (!operand.isEmpty() && isKnown(session, operand)) {
                known.add(operand);
            } else {
                scripts.add(resolve(session, operand, caller));
            }
        }
        Ecosystem.refuseMixture(session, List.copyOf(files.keySet()));
        int code = ExitCode.OK;
        boolean force = session.typed.has(Option.FORCE);
        List<AppSpec> fromFiles = new ArrayList<>();
        for (Map.Entry<String, EcosystemReader.ReadApps> file : files.entrySet()) {
            fromFiles.addAll(file.getValue().apps());
            code |= TypedApps.edge(session, file.getKey(), file.getValue());
        }
        if (!fromFiles.isEmpty() && code == ExitCode.OK) {
            code |= session.ask(new ControlRequest.Start(fromFiles, true, force), _ -> {});
        }
        for (Map.Entry<String, EcosystemReader.ReadApps> file : files.entrySet()) {
            code |= code == ExitCode.OK ? Ecosystem.remember(session, file.getKey(), file.getValue()) : code;
        }
        if (!scripts.isEmpty()) {
            code |= session.ask(new ControlRequest.Start(scripts, false, force), _ -> {});
        }
        if (!known.isEmpty()) {
            code |= session.ask(new ControlRequest.Act(ControlRequest.Verb.START, known, Optional.empty()), _ -> {});
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
        for (ProcessView view : session.processes(List.of(), true)) {
            if (operand.equals("all")
                    || view.name().equals(operand)
                    || view.namespace().equals(operand)
                    || String.valueOf(view.pmId()).equals(operand)) {
                return true;
            }
        }
        return false;
    }

    private static AppSpec resolve(Session session, String script, Caller caller) throws Failure {
        if (session.typed.has(Option.ENV)) {
            throw new Failure("--env chooses a block of an ecosystem file, and " + script + " is none");
        }
        AppOptions options = TypedApps.options(session.typed, "").with(Attribute.SCRIPT, Node.text(script));
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
}
