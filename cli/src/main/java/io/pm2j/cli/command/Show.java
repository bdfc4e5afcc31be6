package io.pm2j.cli.command;

import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.cli.view.Description;
import io.pm2j.cli.view.Inspected;
import io.pm2j.cli.view.JsonList;
import io.pm2j.cli.view.ProcessShape;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.control.ControlReply;
import io.pm2j.supervisor.control.ControlReply.Listing;
import io.pm2j.supervisor.control.ControlRequest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Commands that look.
final class Show {
    /// PM2: `list --watch` looks each 0.9 s.
    private static final long REPAINT_MILLIS = 900;

    private static final String CLEAR = "\u001b[H\u001b[2J";

    private Show() {}

    static int list(Session session) throws Failure {
        if (session.typed.has(Option.JSON)) {
            return jlist(session);
        }
        if (!session.typed.has(Option.WATCH)) {
            session.table();
            return ExitCode.OK;
        }
        if (!session.style.terminal()) {
            throw new Failure("list --watch paints a terminal (expected: standard output to be one)");
        }
        while (!session.out.checkError()) {
            session.out.print(CLEAR);
            session.table();
            try {
                TimeUnit.MILLISECONDS.sleep(REPAINT_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return ExitCode.OK;
            }
        }
        return ExitCode.OK;
    }

    /// PM2: printed even when silent, without a line break at the end.
    static int jlist(Session session) throws Failure {
        session.out.print(JsonList.of(everything(session)));
        return ExitCode.OK;
    }

    static int prettylist(Session session) throws Failure {
        session.out.print(Inspected.of(everything(session)));
        return ExitCode.OK;
    }

    private static List<Map<String, Object>> everything(Session session) throws Failure {
        session.notesAside();
        Listing listing = session.listing(List.of());
        return ProcessShape.all(session.sorted(listing.processes()), listing.specs());
    }

    static int describe(Session session) throws Failure {
        if (session.typed.operands().isEmpty()) {
            throw new Failure("describe what? (expected: a name or an id)");
        }
        boolean json = session.typed.has(Option.JSON);
        if (json) {
            session.notesAside();
        }
        return session.ask(new ControlRequest.Processes(session.typed.operands(), false), reply -> {
            if (reply instanceof ControlReply.Listing(var processes, var specs)) {
                if (json) {
                    session.out.print(JsonList.of(ProcessShape.all(processes, specs)));
                    return;
                }
                for (ProcessView view : processes) {
                    session.lines(
                            Description.lines(view, nodeEnv(view, specs), session.style, System.currentTimeMillis()));
                }
            }
        });
    }

    private static String nodeEnv(ProcessView view, List<AppSpec> specs) {
        return specs.stream()
                .filter(spec -> spec.name().text().equals(view.name()))
                .map(spec -> spec.environment().merged().getOrDefault("NODE_ENV", ""))
                .findFirst()
                .orElse("");
    }

    /// PM2: every key of `pm2_env` that is no object.
    static int env(Session session) throws Failure {
        if (session.typed.operands().size() != 1) {
            throw new Failure("env of what? (expected: an id)");
        }
        String id = session.typed.operands().getFirst();
        Listing listing = session.listing(List.of());
        ProcessView view = listing.processes().stream()
                .filter(v -> String.valueOf(v.pmId()).equals(id))
                .findFirst()
                .orElseThrow(() -> new Failure("Process with id " + id + " not found"));
        Map<String, Object> shape = ProcessShape.environment(view, listing.specs());
        if (session.typed.has(Option.JSON)) {
            session.out.print(JsonList.of(List.of(shape)));
            return ExitCode.OK;
        }
        shape.forEach((key, value) -> {
            if (!(value instanceof Map<?, ?>) && !(value instanceof List<?>)) {
                session.out.println(key + ": " + session.style.good(String.valueOf(value)));
            }
        });
        return ExitCode.OK;
    }

    /// PM2: `[ 0, 1 ]`, and `[]` with exit code 0 when there is none.
    static int id(Session session) throws Failure {
        if (session.typed.operands().size() != 1) {
            throw new Failure("id of what? (expected: a name)");
        }
        session.notesAside();
        List<Object> ids = session.processes(List.of(), true).stream()
                .filter(view -> view.name().equals(session.typed.operands().getFirst()))
                .<Object>map(ProcessView::pmId)
                .toList();
        session.out.println(Inspected.of(ids));
        return ExitCode.OK;
    }

    /// PM2: one pid a line, 0 for one that is stopped; chosen by name alone.
    static int pid(Session session) throws Failure {
        session.notesAside();
        List<String> names = session.typed.operands();
        for (ProcessView view : session.processes(List.of(), true)) {
            if (names.isEmpty() || names.contains(view.name())) {
                session.out.println(String.valueOf(view.pid()));
            }
        }
        return ExitCode.OK;
    }
}
