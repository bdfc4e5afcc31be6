package io.pm2j.cli.command;

import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.Amendment;
import io.pm2j.config.read.AppOptions;
import io.pm2j.config.read.Attribute;
import io.pm2j.config.read.Caller;
import io.pm2j.config.read.Node;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.ReloadTerms;
import io.pm2j.supervisor.control.ControlReply.Listing;
import io.pm2j.supervisor.control.ControlRequest;
import io.pm2j.supervisor.control.ControlRequest.Verb;
import java.util.ArrayList;
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

    static int reset(Session session) throws Failure {
        return act(session, Verb.RESET, true);
    }

    static int startOrRestart(Session session) throws Failure {
        return renewFile(session, false);
    }

    static int startOrReload(Session session) throws Failure {
        return renewFile(session, true);
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
        // PM2: PM2_CONCURRENT_ACTIONS where the option is not typed.
        String parallel = session.typed
                .value(Option.PARALLEL)
                .or(() -> Optional.ofNullable(System.getenv("PM2_CONCURRENT_ACTIONS")))
                .orElse("");
        if (!parallel.isEmpty() && !parallel.matches("[1-9]\\d{0,5}")) {
            throw new Failure("--parallel " + parallel + " (expected: a number, at least 1)");
        }
        ReloadTerms terms = new ReloadTerms(
                parallel.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(parallel)),
                session.typed.has(Option.FORCE),
                !session.typed.has(Option.NO_ROLLBACK));
        return Trials.canary(session, terms);
    }

    static int scale(Session session) throws Failure {
        List<String> operands = session.typed.operands();
        if (operands.size() != 2) {
            throw new Failure("scale what to how many? (expected: pm2j scale <app> <n|+n|-n>)");
        }
        return session.withTable(session.ask(new ControlRequest.Scale(operands.get(0), operands.get(1)), _ -> {}));
    }

    private static int renewFile(Session session, boolean reload) throws Failure {
        Operands operands = Operands.of(session);
        if (operands.files().isEmpty() || !operands.selectors().isEmpty()) {
            throw new Failure(session.typed.command() + " what? (expected: an ecosystem file)");
        }
        int code = renew(session, operands.read(session), reload);
        return reload ? code : session.withTable(code);
    }

    /// Nothing is done to the apps when the edge cannot be what the files ask of it.
    private static int renew(Session session, EcosystemFiles files, boolean reload) throws Failure {
        ControlRequest renew =
                new ControlRequest.Renew(files.apps(), reload, session.typed.has(Option.UPDATE_ENV), terms(session));
        int code = files.edges(session);
        code |= code == ExitCode.OK ? session.ask(renew, _ -> {}) : code;
        return code == ExitCode.OK ? files.remember(session) : code;
    }

    private static int act(Session session, Verb verb, boolean table) throws Failure {
        Operands operands = Operands.of(session);
        List<String> selectors = new ArrayList<>(operands.selectors());
        boolean starts = verb == Verb.RESTART || verb == Verb.RELOAD;
        if (starts && !selectors.isEmpty() && session.typed.has(Option.ENV)) {
            throw new Failure("--env chooses a block of an ecosystem file, and " + selectors.getFirst() + " is none");
        }
        if (starts
                && !selectors.isEmpty()
                && !session.typed.has(Option.UPDATE_ENV)
                && !session.typed.has(Option.SILENT)) {
            session.out.println("Use --update-env to update environment variables");
        }
        EcosystemFiles files = operands.read(session);
        if (!starts && !files.isEmpty()) {
            selectors.addAll(running(session, String.join(", ", operands.files()), files.apps()));
        }
        int code = ExitCode.OK;
        if (starts && !files.isEmpty()) {
            code |= renew(session, files, verb == Verb.RELOAD);
        }
        if (!selectors.isEmpty()) {
            code |= session.ask(request(session, verb, selectors), _ -> {});
        }
        return table ? session.withTable(code) : code;
    }

    /// A restart or reload with options is one with other specs.
    private static ControlRequest request(Session session, Verb verb, List<String> selectors) throws Failure {
        boolean starts = verb == Verb.RESTART || verb == Verb.RELOAD;
        AppOptions changes = TypedApps.changes(session.typed);
        if (!starts || changes.values().isEmpty()) {
            return new ControlRequest.Act(verb, selectors, starts ? newEnv(session) : Optional.empty(), terms(session));
        }
        Listing listed = session.quietly(selectors);
        List<AppSpec> specs = new ArrayList<>();
        for (AppSpec spec : listed.specs()) {
            specs.add(amended(session, spec, changes));
        }
        return new ControlRequest.Amend(verb == Verb.RELOAD, selectors, specs, terms(session));
    }

    private static AppSpec amended(Session session, AppSpec spec, AppOptions changes) throws Failure {
        // PM2: restart --watch switches watching off where it is on.
        boolean toggles = session.typed.value(Option.WATCH).equals(Optional.of(""))
                && spec.watch().wanted();
        AppOptions wanted = toggles ? changes.with(Attribute.WATCH, Node.bool(false)) : changes;
        try {
            AppSpec amended = Amendment.of(spec, wanted, Caller.here(Optional.empty()));
            Optional<Map<String, String>> env = newEnv(session);
            return env.isEmpty()
                    ? amended
                    : amended.draft()
                            .environment(amended.environment().withCaller(env.get()))
                            .spec();
        } catch (InvalidConfig e) {
            throw new Failure(e.problems().stream().map(ConfigProblem::sentence).toList());
        }
    }

    /// PM2: `--update-env` gives the apps this shell's variables; without it they keep what they had.
    private static Optional<Map<String, String>> newEnv(Session session) {
        return session.typed.has(Option.UPDATE_ENV)
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
