package io.pm2j.cli.command;

import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.cli.view.LogView;
import io.pm2j.supervisor.control.ControlReply;
import io.pm2j.supervisor.control.ControlReply.LogLine;
import io.pm2j.supervisor.control.ControlRequest;

/// `logs`: the last lines of each file, then what is printed.
final class Logs {
    /// PM2: 15.
    private static final int DEFAULT_LINES = 15;

    private Logs() {}

    static int run(Session session) throws Failure {
        boolean raw = session.typed.has(Option.RAW);
        boolean onlyOut = session.typed.has(Option.OUT);
        boolean onlyErr = session.typed.has(Option.ERR);
        int lines = session.typed.number(Option.LINES, DEFAULT_LINES);
        LogView view = new LogView(session.style);
        if (!raw && lines > 0) {
            session.out.println(session.style.dim("[TAILING] Tailing last " + lines + " lines for ["
                    + (session.typed.operands().isEmpty() ? "all" : String.join(", ", session.typed.operands()))
                    + "] processes (change the value with --lines option)"));
        }
        ControlRequest.Logs request = new ControlRequest.Logs(
                session.typed.operands(),
                lines,
                onlyOut || !onlyErr,
                onlyErr || !onlyOut,
                !session.typed.has(Option.NOSTREAM));
        return session.ask(request, reply -> print(session, view, raw, reply));
    }

    private static void print(Session session, LogView view, boolean raw, ControlReply reply) {
        if (reply instanceof ControlReply.LogHeader(String path, int lines) && lines > 0 && !raw) {
            session.out.println(session.style.dim(path + " last " + lines + " lines:"));
        } else if (reply instanceof LogLine line) {
            if (raw) {
                (line.error() ? session.err : session.out).println(line.text());
            } else {
                session.out.println(line.atMillis() == 0 ? view.fromFile(line) : view.live(line));
            }
        }
    }
}
