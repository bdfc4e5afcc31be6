package io.pm2j.cli.command;

import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.config.read.Caller;
import io.pm2j.config.read.EcosystemReader;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.ReloadTerms;
import io.pm2j.supervisor.control.ControlRequest;
import io.pm2j.supervisor.control.ControlRequest.Verb;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/// Commands that do something to apps which exist, chosen by selectors or by an ecosystem file.
final class Act {
    private Act() {}

    static int restart(Session session) throws Failure {
        return act(session, Verb.RESTART, true);
    }

    /// PM2: reload prints no table.
    static int reload(Session session) throws Failure {
        return act(session, Verb.RELOAD, false);
    }

    static int stop(Session session) throws Failure {
        return act(session, Verb.STOP, true);
    }

    static int delete(Session session) throws Failure {
        return act(session, Verb.DELETE, true);
    }

    static int pause(Session session) throws Failure {
        return act(session, Verb.PAUSE, true);
    }

    static int resume(Session session) throws Failure {
        return act(session, Verb.RESUME, true);
    }

    static int rollBack(Session session) throws Failure {
        List<String> operands = session.typed.operands();
        boolean numbered = operands.size() == 2;
        if (operands.isEmpty()
                || operands.size() > 2
                || numbered && !operands.getFirst().matches("\\d{1,9}")) {
            throw new Failure("roll back what? (expected: pm2j rollback [generation] <app>)");
        }
        OptionalInt generation = numbered ? OptionalInt.of(Integer.parseInt(operands.getFirst())) : OptionalInt.empty();
        return session.ask(new ControlRequest.RollBack(operands.getLast(), generation), _ -> {});
    }

    /// What was typed about how to reload.
    private static ReloadTerms terms(Session session) throws Failure {
        String parallel = session.typed.value(Option.PARALLEL).orElse("");
        if (!parallel.isEmpty() && !parallel.matches("[1-9]\\d{0,5}")) {
            throw new Failure("--parallel " + parallel + " (expected: a number, at least 1)");
        }
        return new ReloadTerms(
                parallel.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(parallel)),
                session.typed.has(Option.FORCE),
                !session.typed.has(Option.NO_ROLLBACK));
    }

    static int scale(Session session) throws Failure {
        List<String> operands = session.typed.operands();
        if (operands.size() != 2) {
            throw new Failure("scale what to how many? (expected: pm2j scale <app> <n|+n|-n>)");
        }
        int code = session.ask(new ControlRequest.Scale(operands.get(0), operands.get(1)), _ -> {});
        if (code == ExitCode.OK) {
            session.table();
        }
        return code;
    }

    private static int act(Session session, Verb verb, boolean table) throws Failure {
        if (session.typed.operands().isEmpty()) {
            throw new Failure(session.typed.command() + " what? (expected: a name, an id, or all)");
        }
        List<String> selectors = new ArrayList<>();
        Map<String, EcosystemReader.ReadApps> files = new LinkedHashMap<>();
        for (String operand : session.typed.operands()) {
            if (!EcosystemReader.looksLikeConfig(operand)) {
                selectors.add(operand);
                continue;
            }
            EcosystemReader.ReadApps read =
                    TypedApps.fromFile(session, operand, Caller.here(session.typed.value(Option.ENV)));
            if (verb == Verb.RESTART || verb == Verb.RELOAD) {
                files.put(operand, read);
            } else {
                selectors.addAll(running(session, operand, read.apps()));
            }
        }
        int code = ExitCode.OK;
        List<AppSpec> renewed = new ArrayList<>();
        for (Map.Entry<String, EcosystemReader.ReadApps> file : files.entrySet()) {
            renewed.addAll(file.getValue().apps());
            code |= TypedApps.edge(session, file.getKey(), file.getValue());
        }
        if (code == ExitCode.OK && !renewed.isEmpty()) {
            code |= session.ask(
                    new ControlRequest.Renew(
                            renewed, verb == Verb.RELOAD, session.typed.has(Option.UPDATE_ENV), terms(session)),
                    _ -> {});
        }
        for (Map.Entry<String, EcosystemReader.ReadApps> file : files.entrySet()) {
            code |= code == ExitCode.OK ? Ecosystem.remember(session, file.getKey(), file.getValue()) : code;
        }
        if (!selectors.isEmpty()) {
            code |= session.ask(
                    new ControlRequest.Act(verb, selectors, newEnv(session, verb), terms(session)), _ -> {});
        }
        if (code == ExitCode.OK && table) {
            session.table();
        }
        return code;
    }

    /// PM2: `--update-env` gives the apps this shell's variables; without it they keep what they had.
    private static Optional<Map<String, String>> newEnv(Session session, Verb verb) {
        boolean starts = verb == Verb.RESTART || verb == Verb.RELOAD;
        return starts && session.typed.has(Option.UPDATE_ENV)
                ? Optional.of(Caller.here(Optional.empty()).env())
                : Optional.empty();
    }

    /// The names of those of the file's apps that are in the list; the others are said to be none of it.
    private static List<String> running(Session session, String file, List<AppSpec> apps) throws Failure {
        Set<String> known = session.processes(List.of(), true).stream()
                .map(ProcessView::name)
                .collect(Collectors.toSet());
        List<String> running = new ArrayList<>();
        for (AppSpec app : apps) {
            if (known.contains(app.name().text())) {
                running.add(app.name().text());
            } else {
                session.warn("Process " + app.name() + " not found");
            }
        }
        if (running.isEmpty()) {
            throw new Failure("no app of " + file + " is running");
        }
        return running;
    }
}
