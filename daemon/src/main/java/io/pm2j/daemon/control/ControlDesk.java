package io.pm2j.daemon.control;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.daemon.admin.AdminServer;
import io.pm2j.daemon.site.Sites;
import io.pm2j.supervisor.Supervisor;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.Progress;
import io.pm2j.supervisor.control.ControlHandler;
import io.pm2j.supervisor.control.ControlReply;
import io.pm2j.supervisor.control.ControlReply.Level;
import io.pm2j.supervisor.control.ControlRequest;
import io.pm2j.supervisor.control.ReplySink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Answers the command line. Reading commands run side by side; commands that add apps take turns, so that two
/// starts cannot both find a name free.
public final class ControlDesk implements ControlHandler {
    private static final int OK = 0;
    private static final int FAILED = 1;

    private final Supervisor supervisor;
    private final Sites sites;
    private final AdminServer admin;
    private final LogDesk logs;
    private final Supplier<List<ProcessView>> everything;
    private final Runnable settleIds;
    private final Runnable stopDaemon;
    private final Runnable endProcess;
    private final ReentrantLock adding = new ReentrantLock();

    /// `everything` lists apps and sites; `settleIds` lets the numbering begin anew when the list is empty;
    /// `stopDaemon` stops
    /// everything, `endProcess` then ends the process.
    public ControlDesk(
            Supervisor supervisor,
            Sites sites,
            AdminServer admin,
            Supplier<List<ProcessView>> everything,
            Runnable settleIds,
            Runnable stopDaemon,
            Runnable endProcess) {
        this.supervisor = supervisor;
        this.sites = sites;
        this.admin = admin;
        this.logs = new LogDesk(supervisor.feed());
        this.everything = everything;
        this.settleIds = settleIds;
        this.stopDaemon = stopDaemon;
        this.endProcess = endProcess;
    }

    @Override
    public void handle(ControlRequest request, ReplySink replies) throws Exception {
        switch (request) {
            case ControlRequest.Ping _ -> done(replies, OK);
            case ControlRequest.Start start -> done(replies, start(start, new Notes(replies)));
            case ControlRequest.Renew(List<AppSpec> apps, boolean reload) ->
                done(replies, renew(apps, reload, new Notes(replies)));
            case ControlRequest.Act(ControlRequest.Verb verb, List<String> selectors) ->
                done(replies, act(verb, selectors, new Notes(replies)));
            case ControlRequest.Scale(String app, String amount) ->
                done(replies, scale(app, amount, new Notes(replies)));
            case ControlRequest.Processes(List<String> selectors) -> list(selectors, replies);
            case ControlRequest.Logs wanted -> done(replies, logs.show(wanted, everything.get(), replies));
            case ControlRequest.Serve serve -> done(replies, serve(serve, new Notes(replies)));
            case ControlRequest.Web(int port) -> done(replies, web(port, new Notes(replies)));
            case ControlRequest.Kill _ -> kill(replies);
        }
    }

    // --- start ---------------------------------------------------------------------------------------------

    private int start(ControlRequest.Start request, Notes notes) throws InterruptedException {
        adding.lockInterruptibly();
        try {
            if (refused(request, notes)) {
                return FAILED;
            }
            settleIds.run();
            boolean good = true;
            for (AppSpec spec : request.apps()) {
                good &= supervisor.knows(spec.name())
                        ? startAgain(spec, request.fromFile(), notes)
                        : startNew(spec, notes);
            }
            return good ? OK : FAILED;
        } finally {
            adding.unlock();
        }
    }

    /// Looks at all apps of a start before any is begun.
    private boolean refused(ControlRequest.Start request, Notes notes) {
        boolean refused = false;
        List<ProcessView> all = everything.get();
        for (AppSpec spec : request.apps()) {
            List<ProcessView> own = all.stream()
                    .filter(v -> v.name().equals(spec.name().text()))
                    .toList();
            if (own.isEmpty() || request.fromFile() && !sites.knows(spec.name().text())) {
                continue;
            }
            ProcessView first = own.getFirst();
            boolean same = first.script().equals(spec.script());
            if (!same) {
                notes.error("the name " + spec.name() + " is taken by " + first.script() + " (id " + first.pmId()
                        + "): choose another with --name, or pm2j delete " + spec.name() + " first");
                refused = true;
            } else if (!request.force() && own.stream().anyMatch(v -> v.pid() != 0)) {
                notes.error("Script already launched, add -f option to force re-execution");
                refused = true;
            }
        }
        return refused;
    }

    private boolean startNew(AppSpec spec, Notes notes) throws InterruptedException {
        notes.info("Starting " + spec.script() + " in " + spec.execMode().pm2Text() + " (" + spec.instanceCount()
                + (spec.instanceCount() == 1 ? " instance)" : " instances)"));
        boolean started = supervisor.start(spec, notes);
        if (started) {
            notes.info("Done.");
        }
        return started;
    }

    private boolean startAgain(AppSpec spec, boolean fromFile, Notes notes) throws InterruptedException {
        notes.info("Applying action restartProcessId on app [" + spec.name() + "]");
        boolean good = supervisor.restart(spec.name(), Set.of(), Optional.of(spec), notes);
        int wanted = spec.instanceCount();
        if (good && fromFile && count(spec.name()) != wanted) {
            return supervisor.scale(spec.name(), wanted, notes);
        }
        return good;
    }

    private int renew(List<AppSpec> apps, boolean reload, Notes notes) throws InterruptedException {
        adding.lockInterruptibly();
        try {
            settleIds.run();
            boolean good = true;
            for (AppSpec spec : apps) {
                if (!supervisor.knows(spec.name())) {
                    notes.info("Applications " + spec.name() + " not running, starting...");
                    good &= startNew(spec, notes);
                } else if (reload) {
                    notes.info("Applying action reloadProcessId on app [" + spec.name() + "]");
                    good &= supervisor.reload(spec.name(), Set.of(), Optional.of(spec), notes);
                } else {
                    good &= startAgain(spec, false, notes);
                }
            }
            return good ? OK : FAILED;
        } finally {
            adding.unlock();
        }
    }

    private int count(AppName name) {
        return (int) supervisor.processes().stream()
                .filter(v -> v.name().equals(name.text()))
                .count();
    }

    // --- act -----------------------------------------------------------------------------------------------

    private int act(ControlRequest.Verb verb, List<String> selectors, Notes notes)
            throws InterruptedException, IOException {
        Selection selection = Selection.of(selectors, everything.get());
        for (String unknown : selection.unknown()) {
            notes.error(unknown.equals("all") ? "No process found" : "Process or Namespace " + unknown + " not found");
        }
        if (!selection.unknown().isEmpty()) {
            return FAILED;
        }
        boolean good = true;
        for (Map.Entry<String, Set<Integer>> app : selection.byApp().entrySet()) {
            notes.info("Applying action " + action(verb) + " on app [" + app.getKey() + "](ids: "
                    + app.getValue().stream().map(String::valueOf).collect(Collectors.joining(", ", "[ ", " ]")) + ")");
            good &= sites.knows(app.getKey())
                    ? actOnSite(verb, app.getValue(), notes)
                    : actOnApp(verb, new AppName(app.getKey()), app.getValue(), notes);
        }
        return good ? OK : FAILED;
    }

    private boolean actOnApp(ControlRequest.Verb verb, AppName name, Set<Integer> pmIds, Notes notes)
            throws InterruptedException {
        return switch (verb) {
            case START, RESTART -> supervisor.restart(name, pmIds, Optional.empty(), notes);
            case RELOAD -> supervisor.reload(name, pmIds, Optional.empty(), notes);
            case STOP -> supervisor.stop(name, pmIds, notes);
            case DELETE -> supervisor.delete(name, pmIds, notes);
        };
    }

    private boolean actOnSite(ControlRequest.Verb verb, Set<Integer> pmIds, Notes notes)
            throws InterruptedException, IOException {
        for (int pmId : pmIds) {
            switch (verb) {
                case START, RESTART, RELOAD -> sites.restart(pmId);
                case STOP -> sites.stop(pmId);
                case DELETE -> sites.delete(pmId);
            }
            notes.info("[" + pmId + "] ✓");
        }
        return true;
    }

    private static String action(ControlRequest.Verb verb) {
        return switch (verb) {
            case START, RESTART -> "restartProcessId";
            case RELOAD -> "reloadProcessId";
            case STOP -> "stopProcessId";
            case DELETE -> "deleteProcessId";
        };
    }

    private int scale(String app, String amount, Notes notes) throws InterruptedException {
        AppName name = new AppName(app);
        if (!supervisor.knows(name)) {
            notes.error("Application " + app + " not found");
            return FAILED;
        }
        int present = count(name);
        OptionalInt wanted = ScaleAmount.resolve(amount, present);
        if (wanted.isEmpty()) {
            notes.error(
                    "scale " + app + " " + amount + ": expected a number of instances, +N or -N, at least 1 in all");
            return FAILED;
        }
        if (wanted.getAsInt() == present) {
            notes.error("Nothing to do");
            return FAILED;
        }
        notes.info((wanted.getAsInt() > present ? "Scaling up" : "Scaling down") + " application");
        return supervisor.scale(name, wanted.getAsInt(), notes) ? OK : FAILED;
    }

    // --- the rest ------------------------------------------------------------------------------------------

    private void list(List<String> selectors, ReplySink replies) throws IOException {
        Selection selection = selectors.isEmpty()
                ? new Selection(everything.get(), List.of())
                : Selection.of(selectors, everything.get());
        for (String unknown : selection.unknown()) {
            replies.send(new ControlReply.Note(Level.WARN, unknown + " doesn't exist"));
        }
        replies.send(new ControlReply.Listing(selection.chosen()));
        done(replies, selection.unknown().isEmpty() ? OK : FAILED);
    }

    private int serve(ControlRequest.Serve request, Notes notes) throws InterruptedException {
        String name = request.name().isEmpty() ? "static-page-server-" + request.port() : request.name();
        adding.lockInterruptibly();
        try {
            if (everything.get().stream().anyMatch(v -> v.name().equals(name))) {
                notes.error("the name " + name + " is already taken: pm2j delete " + name + " first");
                return FAILED;
            }
            settleIds.run();
            sites.serve(Path.of(request.root()), request.port(), name, request.spa());
            notes.info("Serving " + request.root() + " on port " + request.port());
            return OK;
        } catch (IOException e) {
            notes.error(String.valueOf(e.getMessage()));
            return FAILED;
        } finally {
            adding.unlock();
        }
    }

    private int web(int port, Notes notes) throws InterruptedException {
        try {
            int open = admin.open(port);
            notes.info("Web interface on http://127.0.0.1:" + open + "/ and /metrics");
            return OK;
        } catch (IOException e) {
            notes.error(String.valueOf(e.getMessage()));
            return FAILED;
        }
    }

    /// The answer goes out when all is stopped, and before the process ends. A client that hangs up
    /// meanwhile interrupts this thread, not the stopping.
    private void kill(ReplySink replies) throws IOException {
        try {
            CompletableFuture.runAsync(stopDaemon).join();
            done(replies, OK);
        } finally {
            endProcess.run();
        }
    }

    private static void done(ReplySink replies, int exitCode) throws IOException {
        replies.send(new ControlReply.Done(exitCode));
    }

    /// Passes progress on as notes. A client that hung up does not stop what it asked for.
    private record Notes(ReplySink replies) implements Progress {
        @Override
        public void info(String sentence) {
            send(Level.INFO, sentence);
        }

        @Override
        public void warn(String sentence) {
            send(Level.WARN, sentence);
        }

        @Override
        public void error(String sentence) {
            send(Level.ERROR, sentence);
        }

        private void send(Level level, String sentence) {
            try {
                replies.send(new ControlReply.Note(level, sentence));
            } catch (IOException e) {
                // nobody listens any more
            }
        }
    }
}
