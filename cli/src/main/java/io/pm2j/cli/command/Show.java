package io.pm2j.cli.command;

import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.view.Description;
import io.pm2j.cli.view.JsonList;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.control.ControlReply;
import io.pm2j.supervisor.control.ControlRequest;
import java.util.List;

/// Commands that look.
final class Show {
    private Show() {}

    static int list(Session session) throws Failure {
        session.table();
        return ExitCode.OK;
    }

    /// PM2: printed even when silent, without a line break at the end.
    static int jlist(Session session) throws Failure {
        session.notesAside();
        session.out.print(JsonList.of(session.processes(List.of(), false)));
        return ExitCode.OK;
    }

    static int describe(Session session) throws Failure {
        if (session.typed.operands().isEmpty()) {
            throw new Failure("describe what? (expected: a name or an id)");
        }
        return session.ask(new ControlRequest.Processes(session.typed.operands(), false), reply -> {
            if (reply instanceof ControlReply.Listing(List<ProcessView> processes)) {
                for (ProcessView view : processes) {
                    session.lines(Description.lines(view, session.style, System.currentTimeMillis()));
                }
            }
        });
    }
}
