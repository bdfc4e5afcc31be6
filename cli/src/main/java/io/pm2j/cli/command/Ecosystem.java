package io.pm2j.cli.command;

import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.cli.view.ProblemList;
import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.Caller;
import io.pm2j.config.read.ConfigSource;
import io.pm2j.config.read.EcosystemReader.ReadApps;
import io.pm2j.supervisor.control.ControlRequest;
import io.pm2j.supervisor.control.ControlRequest.Deed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// `validate`, `diff` and `apply`: an ecosystem file against itself, and against what runs.
final class Ecosystem {
    /// PM2: without an operand, one of these in the working folder.
    private static final List<String> USUAL_FILES =
            List.of("ecosystem.config.js", "ecosystem.config.cjs", "ecosystem.config.mjs", "ecosystem.json");

    private Ecosystem() {}

    /// Says everything that is wrong, and asks no daemon.
    static int validate(Session session) throws Failure {
        String file = file(session);
        List<ConfigProblem> problems = List.of();
        List<ConfigProblem> warnings = List.of();
        try {
            warnings = source(session, file).read(_ -> {}).warnings();
        } catch (InvalidConfig e) {
            problems = e.problems();
        }
        if (session.typed.has(Option.JSON)) {
            session.out.println(ProblemList.json(file, problems, warnings));
        } else {
            problems.forEach(problem -> session.err.println(session.style.error("[PM2][ERROR] ") + problem));
            warnings.forEach(warning -> session.warn(warning.toString()));
            if (problems.isEmpty()) {
                session.info(file + " is valid");
            }
        }
        return problems.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }

    /// Exit code 2: there is a difference.
    static int diff(Session session) throws Failure {
        return converge(session, Deed.PLAN);
    }

    static int apply(Session session) throws Failure {
        if (session.typed.has(Option.DRY_RUN)) {
            int code = converge(session, Deed.PLAN);
            return code == ExitCode.DIFFERENT ? ExitCode.OK : code;
        }
        int code = converge(session, Deed.APPLY);
        if (code == ExitCode.OK) {
            session.table();
        }
        return code;
    }

    private static int converge(Session session, Deed deed) throws Failure {
        String file = file(session);
        refuseMixture(session, List.of(file));
        ReadApps read = TypedApps.fromFile(session, file, Caller.here(session.typed.value(Option.ENV)));
        return tell(session, file, read, deed);
    }

    /// Apps of `file` have been started: the daemon is to know where they come from, and whether to follow the file.
    static int remember(Session session, String file, ReadApps read) throws Failure {
        return tell(session, file, read, Deed.REMEMBER);
    }

    private static int tell(Session session, String file, ReadApps read, Deed deed) throws Failure {
        return session.ask(
                new ControlRequest.Converge(
                        source(session, file), read.apps(), read.edgeText(), deed, watch(session, read)),
                _ -> {});
    }

    private static ConfigSource source(Session session, String file) {
        String only = session.typed.value(Option.ONLY).orElse("");
        return new ConfigSource(
                Path.of(file),
                Caller.here(session.typed.value(Option.ENV)),
                only.isEmpty() ? List.of() : List.of(only.split(",")));
    }

    /// What was typed, else what the file says.
    private static Optional<Boolean> watch(Session session, ReadApps read) {
        if (session.typed.has(Option.NO_WATCH_CONFIG)) {
            return Optional.of(false);
        }
        return session.typed.has(Option.WATCH_CONFIG) ? Optional.of(true) : read.watch();
    }

    /// An app that was started with options of the command line is not what the file says, which would win at once.
    static void refuseMixture(Session session, List<String> files) throws Failure {
        boolean mixed = !TypedApps.options(session.typed, "").values().isEmpty();
        if (session.typed.has(Option.WATCH_CONFIG) && files.isEmpty()) {
            throw new Failure("--watch-config follows a file (expected: an ecosystem file)");
        }
        if (session.typed.has(Option.WATCH_CONFIG) && mixed) {
            throw new Failure("--watch-config keeps to the file alone (expected: no options about apps beside it; write"
                    + " them into " + files.getFirst() + ")");
        }
    }

    private static String file(Session session) throws Failure {
        List<String> operands = session.typed.operands();
        if (operands.size() > 1) {
            throw new Failure(session.typed.command() + ": one file at a time (expected: an ecosystem file)");
        }
        return operands.isEmpty()
                ? USUAL_FILES.stream()
                        .filter(file -> Files.exists(Path.of(file)))
                        .findFirst()
                        .orElseThrow(
                                () -> new Failure(session.typed.command() + " what? (expected: an ecosystem file)"))
                : operands.getFirst();
    }
}
