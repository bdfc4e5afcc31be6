package io.pm2j.cli.command;

import io.pm2j.cli.typed.CalledAs;
import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.cli.view.LogShape;
import io.pm2j.config.read.Caller;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.LogSpec;
import io.pm2j.supervisor.control.ControlRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/// `pm2-runtime`: the first process of a container. Everything that was typed is looked at before anything is started.
final class Container {
    private static final Map<Option, LogShape> SHAPES = Map.of(
            Option.RAW,
            LogShape.RAW,
            Option.JSON,
            LogShape.JSON,
            Option.FORMAT,
            LogShape.KEYS,
            Option.FORMATTED,
            LogShape.LABELLED);

    private Container() {}

    static int run(Session session) throws Failure {
        Wanted wanted = wanted(session).with(Container::withoutFiles);
        LogShape shape = shape(session, LogShape.RAW);
        int delaySeconds = session.typed.number(Option.DELAY, 0);
        int web = webPort(session);
        warnOfDashboard(session);
        OneProcess process = OneProcess.start(session, shape);
        try {
            TimeUnit.SECONDS.sleep(delaySeconds);
            if (web > 0 && process.ask(new ControlRequest.Web(web), _ -> {}) != ExitCode.OK) {
                process.end(ExitCode.FAILED);
            }
            process.launch(wanted);
            process.stay(!session.typed.has(Option.NO_AUTO_EXIT), _ -> {});
        } catch (Failure e) {
            process.fail(e);
        } catch (InterruptedException e) {
            process.end(ExitCode.FAILED);
        }
        return ExitCode.OK;
    }

    /// What is to run, and what its files ask of the edge.
    record Wanted(List<AppSpec> apps, EcosystemFiles files) {
        Wanted with(UnaryOperator<AppSpec> change) {
            return new Wanted(apps.stream().map(change).toList(), files);
        }
    }

    /// What was named. PM2: the word `start` may be left out.
    static Wanted wanted(Session session) throws Failure {
        List<String> operands = session.typed.operands();
        if (!operands.isEmpty() && operands.getFirst().equals("start")) {
            operands = operands.subList(1, operands.size());
        }
        if (operands.isEmpty()) {
            operands = List.of(Start.usualFile());
        }
        Caller caller = Caller.here(session.typed.value(Option.ENV));
        EcosystemFiles files = EcosystemFiles.read(
                session, operands.stream().filter(Operands::isFile).toList(), caller);
        List<AppSpec> apps = new ArrayList<>(files.apps());
        for (String operand : operands) {
            if (!Operands.isFile(operand)) {
                apps.add(Start.resolve(session, operand, caller));
            }
        }
        return new Wanted(apps, files);
    }

    /// The one shape that was typed.
    static LogShape shape(Session session, LogShape usual) throws Failure {
        List<Option> typed =
                SHAPES.keySet().stream().filter(session.typed::has).sorted().toList();
        if (typed.size() > 1) {
            throw new Failure(typed.get(0).text() + " and " + typed.get(1).text() + " exclude each other");
        }
        return typed.isEmpty() ? usual : SHAPES.getOrDefault(typed.getFirst(), usual);
    }

    /// PM2: log files only where the app names them, as the container's log has it all.
    static AppSpec withoutFiles(AppSpec app) {
        LogSpec logs = app.logs();
        return app.draft()
                .logs(new LogSpec(
                        logs.out().or(() -> Optional.of(LogSpec.NOWHERE)),
                        logs.error().or(() -> Optional.of(LogSpec.NOWHERE)),
                        logs.combined(),
                        logs.merged(),
                        logs.dateFormat(),
                        logs.json(),
                        logs.disabled(),
                        logs.rotation()))
                .spec();
    }

    private static int webPort(Session session) throws Failure {
        if (!session.typed.has(Option.WEB)) {
            return 0;
        }
        String text =
                session.typed.value(Option.WEB).filter(t -> !t.isEmpty()).orElse(String.valueOf(Serve.usualWebPort()));
        if (!text.matches("\\d{1,5}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > 65_535) {
            throw new Failure("--web: '" + text + "' (expected: a port from 1 to 65535)");
        }
        return Integer.parseInt(text);
    }

    private static void warnOfDashboard(Session session) {
        for (Option option : List.of(Option.MACHINE_NAME, Option.PUBLIC_KEY, Option.SECRET_KEY)) {
            if (session.typed.has(option)) {
                session.notesAside();
                session.warn(option.text() + " is for PM2's dashboard and means nothing to " + CalledAs.PM2J.text());
            }
        }
    }
}
