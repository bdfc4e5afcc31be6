package io.pm2j.cli.command;

import io.pm2j.cli.link.DaemonLink.Reached;
import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.view.LogShape;
import io.pm2j.cli.view.LogView;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.control.ControlClient;
import io.pm2j.supervisor.control.ControlReply;
import io.pm2j.supervisor.control.ControlReply.Listing;
import io.pm2j.supervisor.control.ControlReply.LogHeader;
import io.pm2j.supervisor.control.ControlReply.LogLine;
import io.pm2j.supervisor.control.ControlRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Command line and daemon in one process, which shows what the apps print and ends with them: nothing is left behind,
/// whether a signal ends it (exit code 0), an app that could not be started (1), or the end of every app (2, as PM2).
final class OneProcess {
    private static final int ALL_GONE = 2;
    private static final long BETWEEN_CHECKS_MILLIS = 1_000;
    /// PM2: four, two seconds apart.
    private static final int CHECKS_UNTIL_GONE = 4;

    private static final long LAST_LINES_MILLIS = 2_000;
    private static final long HOME_FREE_MILLIS = 10_000;

    private final Session session;
    private final LogShape shape;
    private final LogView labels;
    private final CountDownLatch follows = new CountDownLatch(1);
    private volatile boolean ending;
    private volatile int exitCode = ExitCode.OK;

    private OneProcess(Session session, LogShape shape) {
        this.session = session;
        this.shape = shape;
        this.labels = Logs.labelled(session);
    }

    /// Starts the daemon in this process; from here on every way out is [#end].
    static OneProcess start(Session session, LogShape shape) throws Failure {
        if (session.link.isThere()) {
            throw new Failure("a daemon runs already with the home " + session.link.home()
                    + " (expected: a home of its own, or `pm2j kill` first)");
        }
        session.notesAside();
        session.link.startHere();
        OneProcess process = new OneProcess(session, shape);
        process.follow();
        return process;
    }

    /// Starts the apps, after whatever a former life in this home has left is forgotten.
    void launch(Container.Wanted wanted) throws Failure {
        if (!processes().isEmpty()) {
            int _ = ask(new ControlRequest.Act(ControlRequest.Verb.DELETE, List.of("all"), Optional.empty()), _ -> {});
        }
        int code = ExitCode.OK;
        for (ControlRequest.Edge edge : wanted.files().edges()) {
            code |= ask(edge, _ -> {});
        }
        code |= code == ExitCode.OK ? ask(new ControlRequest.Start(wanted.apps(), true, false), _ -> {}) : code;
        if (code != ExitCode.OK) {
            end(code);
        }
    }

    int ask(ControlRequest request, Consumer<ControlReply> replies) throws Failure {
        if (session.link.reach() instanceof Reached.Daemon(ControlClient client)) {
            return session.converse(client, request, replies);
        }
        throw new Failure("the daemon is gone");
    }

    List<ProcessView> processes() throws Failure {
        List<ProcessView> found = new ArrayList<>();
        int _ = ask(new ControlRequest.Processes(List.of(), true), reply -> {
            if (reply instanceof Listing listing) {
                found.addAll(listing.processes());
            }
        });
        return found;
    }

    /// Stays until a signal comes or, with `autoExit`, every app is gone. `look` sees the instances at each check.
    void stay(boolean autoExit, Consumer<List<ProcessView>> look) throws Failure, InterruptedException {
        int checksGone = 0;
        while (true) {
            TimeUnit.MILLISECONDS.sleep(BETWEEN_CHECKS_MILLIS);
            List<ProcessView> views = processes();
            look.accept(views);
            checksGone = gone(views) ? checksGone + 1 : 0;
            if (autoExit && checksGone == CHECKS_UNTIL_GONE) {
                session.warn("no app is online any more, good bye");
                end(ALL_GONE);
            }
        }
    }

    /// Whether nothing runs, and nothing will without being asked to.
    static boolean gone(List<ProcessView> views) {
        return views.stream()
                .allMatch(
                        view -> view.status().equals("stopped") || view.status().equals("errored"));
    }

    /// Stops every app in order, and ends this process.
    void end(int code) {
        exitCode = code;
        System.exit(code);
    }

    /// What was typed could not be done. Never lets the command line end this process on its own: that would be the
    /// daemon's death.
    void fail(Failure failure) {
        if (ending) {
            return; // a signal has ended the daemon under our feet
        }
        failure.sentences().forEach(sentence -> session.err.println(session.style.error("[PM2][ERROR] ") + sentence));
        end(ExitCode.FAILED);
    }

    /// Returns when no line of an app can be missed any more.
    private void follow() {
        Thread following = Thread.ofPlatform().name("pm2j-follow").daemon().start(() -> {
            try {
                int _ = ask(new ControlRequest.Logs(List.of(), 0, true, true, true), this::show);
            } catch (Failure e) {
                // The daemon has ended, and so will this process.
            }
            follows.countDown();
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> atEnd(following), "pm2j-end"));
        try {
            follows.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void show(ControlReply reply) {
        if (reply instanceof LogHeader) {
            follows.countDown();
        } else if (reply instanceof LogLine line) {
            boolean aside = shape == LogShape.RAW && line.error();
            (aside ? session.err : session.out).println(shape.shown(line, labels));
        }
    }

    /// The daemon stops by a hook of its own when a signal ends the process; asked as well, it has surely begun to.
    private void atEnd(Thread following) {
        ending = true;
        try {
            int _ = ask(new ControlRequest.Kill(), _ -> {});
        } catch (Failure e) {
            // It went away while it answered: the other hook was first.
        }
        try {
            long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(HOME_FREE_MILLIS);
            while (session.link.hasPid() && System.nanoTime() < deadlineNanos) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            following.join(LAST_LINES_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        session.out.flush();
        session.err.flush();
        Runtime.getRuntime().halt(exitCode);
    }
}
