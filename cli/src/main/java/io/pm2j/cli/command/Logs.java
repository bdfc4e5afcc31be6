package io.pm2j.cli.command;

import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.cli.view.LogForm;
import io.pm2j.cli.view.LogView;
import io.pm2j.supervisor.control.ControlReply;
import io.pm2j.supervisor.control.ControlReply.LogLine;
import io.pm2j.supervisor.control.ControlRequest;
import java.util.List;

/// `logs`: the last lines of each file, then what is printed.
final class Logs {
    /// PM2: 15.
    private static final int DEFAULT_LINES = 15;

    private Logs() {}

    static int run(Session session) throws Failure {
        LogForm form = form(session);
        boolean onlyOut = session.typed.has(Option.OUT);
        boolean onlyErr = session.typed.has(Option.ERR);
        boolean follow = !session.typed.has(Option.NOSTREAM);
        // PM2: these two begin with what is printed from now on.
        boolean liveOnly = follow && (form == LogForm.JSON || form == LogForm.FIELDS);
        int lines = session.typed.number(Option.LINES, liveOnly ? 0 : DEFAULT_LINES);
        LogView view = new LogView(session.style, form, timestamp(session), highlight(session));
        List<String> selectors = Operands.narrowed(session, session.typed.operands());
        if (form == LogForm.LABELLED && lines > 0) {
            session.out.println(session.style.dim("[TAILING] Tailing last " + lines + " lines for ["
                    + (selectors.isEmpty() ? "all" : String.join(", ", selectors))
                    + (selectors.isEmpty() ? "] processes" : "] process") + " (change the value with --lines option)"));
        }
        ControlRequest.Logs request =
                new ControlRequest.Logs(selectors, lines, onlyOut || !onlyErr, onlyErr || !onlyOut, follow);
        return session.ask(request, reply -> print(session, view, form, reply));
    }

    /// Lines behind the name of their app, with what was typed about them.
    static LogView labelled(Session session) {
        return new LogView(session.style, LogForm.LABELLED, timestamp(session), highlight(session));
    }

    private static LogForm form(Session session) {
        return session.typed.has(Option.RAW)
                ? LogForm.RAW
                : session.typed.has(Option.JSON)
                        ? LogForm.JSON
                        : session.typed.has(Option.FORMAT) ? LogForm.FIELDS : LogForm.LABELLED;
    }

    private static String timestamp(Session session) {
        return session.typed
                .value(Option.TIMESTAMP)
                .map(typed -> typed.isEmpty() ? LogView.TIMESTAMP : typed)
                .orElse("");
    }

    private static String highlight(Session session) {
        return session.typed.value(Option.HIGHLIGHT).orElse("");
    }

    private static void print(Session session, LogView view, LogForm form, ControlReply reply) {
        if (reply instanceof ControlReply.LogHeader(String path, int lines) && lines > 0 && form == LogForm.LABELLED) {
            session.out.println(session.style.dim(path + " last " + lines + " lines:"));
        } else if (reply instanceof LogLine line) {
            boolean apart = form == LogForm.RAW && line.error();
            (apart ? session.err : session.out).println(view.text(line));
        }
    }
}
