package io.pm2j.cli.command;

import io.pm2j.cli.link.DaemonLink.Reached;
import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.view.LogView;
import io.pm2j.supervisor.control.ControlClient;
import io.pm2j.supervisor.control.ControlReply.LogLine;
import io.pm2j.supervisor.control.ControlRequest;
import java.util.List;

/// Staying after a start: `--attach` and `--no-daemon`.
final class Foreground {
    private Foreground() {}

    /// Shows what apps print until somebody ends this command.
    static int follow(Session session, List<String> names) throws Failure {
        LogView view = new LogView(session.style);
        return session.ask(new ControlRequest.Logs(names, 0, true, true, true), reply -> {
            if (reply instanceof LogLine line) {
                session.out.println(view.live(line));
            }
        });
    }

    /// PM2: the daemon is in this process. Here it is a child whose life hangs on this one; a daemon that was there
    /// before stays.
    static int stay(Session session, boolean spawned) throws Failure {
        if (spawned) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> kill(session)));
        }
        session.info("this daemon ends with this command");
        int _ = follow(session, List.of());
        return ExitCode.OK;
    }

    private static void kill(Session session) {
        if (session.link.reach() instanceof Reached.Daemon(ControlClient client)) {
            try {
                int _ = session.converse(client, new ControlRequest.Kill(), _ -> {});
            } catch (Failure e) {
                session.err.println(e.getMessage());
            }
        }
    }
}
