package io.pm2j.cli.command;

import io.pm2j.cli.link.DaemonLink.Reached;
import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.cli.view.AppTable;
import io.pm2j.cli.view.HostFigures;
import io.pm2j.cli.view.Inspected;
import io.pm2j.cli.view.JsonList;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.control.ControlClient;
import io.pm2j.supervisor.control.ControlRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// `update`, `report` and `sysinfos`: the daemon and its machine.
final class Upkeep {
    private static final int LAST_LINES = 20;

    private Upkeep() {}

    private static final int USUAL_DRAIN_MILLIS = 10_000;

    /// PM2: ends the daemon with all its apps and starts both anew. Here the daemon becomes the
    /// program of this version in place; only where it cannot is it done as PM2 does.
    static int update(Session session) throws Failure {
        if (session.link.reach() instanceof Reached.None) {
            session.info("no daemon runs with the home " + session.link.home());
            return ExitCode.OK;
        }
        int drain = session.typed.number(Option.DRAIN, USUAL_DRAIN_MILLIS);
        ControlRequest update = new ControlRequest.Update(next(session), drain, session.typed.has(Option.FORCE));
        OptionalInt answered = session.converseToItsEnd(update);
        if (answered.isPresent()) {
            return answered.getAsInt() == ControlRequest.Update.NOT_IN_PLACE
                    ? updateWithGap(session)
                    : answered.getAsInt();
        }
        return session.withTable(session.askSuccessor(new ControlRequest.Updated()));
    }

    /// What the daemon is to become: the program that is typed, or what this command line would
    /// start.
    private static List<String> next(Session session) throws Failure {
        List<String> typed = session.typed.operands();
        if (typed.size() > 1) {
            throw new Failure("update: " + typed + " (expected: one program at most)");
        }
        return typed.isEmpty()
                ? session.link.command()
                : List.of(Path.of(typed.getFirst()).toAbsolutePath().toString());
    }

    /// Save, end the daemon with all its apps, start the daemon of this version, resurrect.
    private static int updateWithGap(Session session) throws Failure {
        session.warn("the daemon and all apps are stopped and started: connections are refused meanwhile");
        boolean listed = !session.processes(List.of(), true).isEmpty();
        if (listed && session.ask(new ControlRequest.Save(false), _ -> {}) != ExitCode.OK) {
            return ExitCode.FAILED;
        }
        ControlClient old = session.clientOrNewDaemon();
        int _ = session.converse(old, new ControlRequest.Kill(), _ -> {});
        session.info("[v] All Applications Stopped");
        int code = session.ask(listed ? new ControlRequest.Resurrect() : new ControlRequest.Ping(), _ -> {});
        session.info(">>>>>>>>>> pm2j updated");
        return session.withTable(code);
    }

    /// What to paste when something is wrong. No environment is in it.
    static int report(Session session) throws Failure {
        session.notesAside();
        List<ProcessView> views = session.processes(List.of(), true);
        section(session, "PM2 report", Map.of("Date", Instant.now().toString()));
        section(session, "Daemon", Map.of("home", session.link.home().toString(), "pid", daemonPid(session)));
        section(
                session,
                "CLI",
                Map.of("version", Session.PM2J_VERSION, "java", System.getProperty("java.runtime.version", "")));
        section(
                session,
                "System info",
                Map.of(
                        "system", System.getProperty("os.name", "") + " " + System.getProperty("os.version", ""),
                        "arch", System.getProperty("os.arch", ""),
                        "cpus nb", String.valueOf(Runtime.getRuntime().availableProcessors())));
        heading(session, "PM2 list");
        session.lines(AppTable.lines(views, session.style, System.currentTimeMillis()));
        heading(session, "Daemon logs");
        session.lines(lastLines(session.link.home().resolve("pm2.log")));
        return ExitCode.OK;
    }

    /// PM2: figures of the machine, as Node shows objects.
    static int sysinfos(Session session) throws Failure {
        Map<String, Object> figures;
        try {
            figures = HostFigures.now();
        } catch (IOException e) {
            throw new Failure("the system tells no figures: " + e.getMessage());
        }
        session.out.print(session.typed.has(Option.JSON) ? JsonList.of(List.of(figures)) : Inspected.of(figures));
        return ExitCode.OK;
    }

    private static void section(Session session, String title, Map<String, String> lines) {
        heading(session, title);
        lines.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(line -> session.out.println(String.format("%-20s : %s", line.getKey(), line.getValue())));
    }

    private static void heading(Session session, String title) {
        session.out.println("--- " + title + " " + "-".repeat(Math.max(3, 70 - title.length())));
    }

    private static String daemonPid(Session session) {
        try {
            return Files.readString(session.link.home().resolve("pm2.pid")).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static List<String> lastLines(Path log) {
        try {
            List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
            return lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size());
        } catch (IOException e) {
            return List.of(log + " cannot be read");
        }
    }
}
