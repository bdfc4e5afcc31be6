package io.pm2j.cli.command;

import io.pm2j.cli.link.DaemonLink.Reached;
import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.supervisor.control.ControlClient;
import io.pm2j.supervisor.control.ControlRequest;
import java.nio.file.Files;

/// `ping` and `kill`: the daemon itself.
final class Control {
    private Control() {}

    static int ping(Session session) throws Failure {
        int code = session.ask(new ControlRequest.Ping(), _ -> {});
        session.out.println("{ msg: 'pong' }");
        return code;
    }

    /// PM2 starts a daemon in order to kill it; here only after one that died, to end the workers that it left.
    static int kill(Session session) throws Failure {
        if (session.link.reach() instanceof Reached.None) {
            session.info("no daemon runs with the home " + session.link.home());
            return ExitCode.OK;
        }
        ControlClient client = session.clientOrNewDaemon();
        session.info("[v] Modules Stopped");
        int code = session.converse(client, new ControlRequest.Kill(), _ -> {});
        session.info("[v] All Applications Stopped");
        session.info("[v] PM2 Daemon Stopped");
        return code;
    }

    static int save(Session session) throws Failure {
        return session.ask(new ControlRequest.Save(session.typed.has(Option.FORCE)), _ -> {});
    }

    static int autosave(Session session) throws Failure {
        String wish = session.typed.operands().stream().findFirst().orElse("");
        if (!wish.equals("on") && !wish.equals("off")) {
            throw new Failure("autosave: '" + wish + "' (expected: on or off)");
        }
        return session.ask(new ControlRequest.Autosave(wish.equals("on")), _ -> {});
    }

    static int clearDump(Session session) throws Failure {
        return session.ask(new ControlRequest.ClearDump(), _ -> {});
    }

    /// With `--force`, as services say, a daemon is started too when nothing was ever saved.
    static int resurrect(Session session) throws Failure {
        if (session.typed.has(Option.FORCE) && !Files.exists(session.link.home().resolve("dump.pm2"))) {
            return session.ask(new ControlRequest.Ping(), _ -> {});
        }
        session.info("Resurrecting");
        int code = session.ask(new ControlRequest.Resurrect(), _ -> {});
        session.table();
        return code;
    }

    /// The launcher becomes the daemon before there is a command line.
    static int daemon(Session session) throws Failure {
        throw new Failure(
                "daemon: " + session.typed.operands() + " (expected: nothing but `pm2j daemon`, by the launcher)");
    }

    /// PM2: no selector means all, and the daemon's own log too.
    static int flush(Session session) throws Failure {
        return session.ask(new ControlRequest.Flush(Operands.narrowed(session, session.typed.operands())), _ -> {});
    }

    static int reloadLogs(Session session) throws Failure {
        session.info("Reloading all logs...");
        int code = session.ask(new ControlRequest.ReloadLogs(), _ -> {});
        session.info("All logs reloaded");
        return code;
    }
}
