package io.pm2j.cli.command;

import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.Amendment;
import io.pm2j.config.read.AppOptions;
import io.pm2j.config.read.AppSpecs;
import io.pm2j.config.read.Attribute;
import io.pm2j.config.read.Caller;
import io.pm2j.config.read.Node;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.control.ControlRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `start`: scripts, ecosystem files, and names, namespaces or ids that the daemon knows.
///
/// Everything named is looked at before anything is started.
final class Start {
    /// PM2: without an operand, this file in the working folder.
    private static final List<String> USUAL_FILES = List.of("ecosystem.config.js", "ecosystem.config.cjs");

    private Start() {}

    static int run(Session session) throws Failure {
        List<String> operands = session.typed.operands();
        if (operands.isEmpty()) {
            boolean namespace =
                    session.typed.has(Option.NAMESPACE) && presentUsualFile().isEmpty();
            operands = namespace ? Operands.narrowed(session, List.of()) : List.of(usualFile());
        }
        Caller caller = Caller.here(session.typed.value(Option.ENV));
        boolean spawned = session.typed.has(Option.NO_DAEMON) && !session.link.isThere();
        List<String> files = new ArrayList<>();
        List<AppSpec> scripts = new ArrayList<>();
        List<String> known = new ArrayList<>();
        for (String operand : operands) {
            if (Operands.isFile(operand) && !isPattern(operand)) {
                files.add(operand);
            } else if (!operand.isEmpty() && isKnown(session, operand)) {
                known.add(operand);
            } else {
                scripts.add(resolve(session, operand, caller));
            }
        }
        EcosystemFiles read = EcosystemFiles.read(session, files, caller);
        Ecosystem.refuseMixture(session, files);
        int code = ExitCode.OK;
        boolean force = session.typed.has(Option.FORCE);
        List<AppSpec> fromFiles = read.apps();
        code |= read.edges(session);
        if (!fromFiles.isEmpty() && code == ExitCode.OK) {
            code |= session.ask(new ControlRequest.Start(fromFiles, true, force), _ -> {});
        }
        code |= code == ExitCode.OK ? read.remember(session) : code;
        if (!scripts.isEmpty()) {
            code |= session.ask(new ControlRequest.Start(scripts, false, force), _ -> {});
        }
        if (!known.isEmpty()) {
            code |= session.ask(new ControlRequest.Act(ControlRequest.Verb.START, known, Optional.empty()), _ -> {});
        }
        if (session.withTable(code) != ExitCode.OK) {
            return code;
        }
        if (session.typed.has(Option.NO_DAEMON)) {
            return Foreground.stay(session, spawned);
        }
        List<String> names = new ArrayList<>(known);
        fromFiles.forEach(app -> names.add(app.name().text()));
        scripts.forEach(app -> names.add(app.name().text()));
        return session.typed.has(Option.ATTACH) ? Foreground.follow(session, names) : code;
    }

    private static Optional<String> presentUsualFile() {
        return USUAL_FILES.stream().filter(file -> Files.exists(Path.of(file))).findFirst();
    }

    static String usualFile() throws Failure {
        return presentUsualFile()
                .orElseThrow(() -> new Failure("start what? (expected: a script, an ecosystem file, a name or an id)"));
    }

    /// PM2: a name, namespace or id that is known is started again; a file of that name is not looked at then.
    private static boolean isKnown(Session session, String operand) throws Failure {
        if (Files.isRegularFile(Path.of(operand))) {
            return false;
        }
        for (ProcessView view : session.processes(List.of(), true)) {
            if (isPattern(operand)
                    || operand.equals("all")
                    || view.name().equals(operand)
                    || view.namespace().equals(operand)
                    || String.valueOf(view.pmId()).equals(operand)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isPattern(String operand) {
        return operand.length() > 2 && operand.startsWith("/") && operand.endsWith("/");
    }

    static AppSpec resolve(Session session, String script, Caller caller) throws Failure {
        if (session.typed.has(Option.ENV)) {
            throw new Failure("--env chooses a block of an ecosystem file, and " + script + " is none");
        }
        AppOptions options = Amendment.withArguments(
                TypedApps.options(session.typed, "").with(Attribute.SCRIPT, Node.text(script)),
                session.typed.afterDashes());
        try {
            return Settings.onto(session, List.of(AppSpecs.resolve(options, caller)))
                    .getFirst();
        } catch (InvalidConfig e) {
            throw new Failure(e.problems().stream().map(ConfigProblem::sentence).toList());
        }
    }
}
