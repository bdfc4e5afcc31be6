package io.pm2j.cli.command;

import io.pm2j.cli.link.DaemonLink.Reached;
import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.supervisor.control.ControlClient;
import io.pm2j.supervisor.control.ControlRequest;

/// `ping` and `kill`: the daemon itself.
final class Control {
    private Control() {}

    static int ping(Session session) throws Failure {
        int code = session.ask(new ControlRequest.Ping(), _ -> {});
        session.out.println("{ msg: 'pong' }");
        return code;
    }

    /// PM2 starts a daemon in order to kill it; here none is started.
    static int kill(Session session) throws Failure {
        switch (session.link.reach()) {
            case Reached.Daemon(ControlClient client) -> {
                session.info("[v] Modules Stopped");
                int code = session.converse(client, new ControlRequest.Kill(), _ -> {});
                session.info("[v] All Applications Stopped");
                session.info("[v] PM2 Daemon Stopped");
                return code;
            }
            case Reached.None _ -> session.info("no daemon runs with the home " + session.link.home());
            case Reached.Dead _ ->
                session.info("the daemon of " + session.link.home() + " has already died; nothing is left to stop");
        }
        return ExitCode.OK;
    }
}
