package io.pm2j.daemon.control;

import io.pm2j.config.AppName;
import io.pm2j.config.read.EdgeText;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.daemon.admin.AdminServer;
import io.pm2j.daemon.edge.EdgeDesk;
import io.pm2j.daemon.edge.EdgeRefused;
import io.pm2j.daemon.reload.ConfigDesk;
import io.pm2j.daemon.site.Sites;
import io.pm2j.daemon.traffic.AccessLogFiles;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Answers the command line. Reading commands run side by side; commands that add apps take turns, so that two
/// starts cannot both find a name free.
public final class ControlDesk implements ControlHandler {
    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int AT_A_TIME = 4 * Runtime.getRuntime().availableProcessors();

    private final Supervisor supervisor;
    private final Sites sites;
    private final AdminServer admin;
    private final EdgeDesk edge;
    private final ConfigDesk configs;
    private final LogDesk logs;
    private final DumpDesk dumps;
    private final AccessLogFiles accessLogs;
    private final Path ownLog;
    private final Supplier<List<ProcessView>> everything;
    private final Runnable settleIds;
    private final Runnable stopDaemon;
    private final Runnable endProcess;
    private final ReentrantLock adding = new ReentrantLock();

    /// `everything` lists apps and sites; `settleIds` lets the numbering begin anew when the list
    /// is empty; `stopDaemon` stops everything, `endProcess` then ends the process.
    public ControlDesk(
            Supervisor supervisor,
            Sites sites,
            AdminServer admin,
            EdgeDesk edge,
            ConfigDesk configs,
            DumpDesk dumps,
            AccessLogFiles accessLogs,
            Path ownLog,
            Supplier<List<ProcessView>> everything,
            Runnable settleIds,
            Runnable stopDaemon,
            Runnable endProcess) {
        this.supervisor = supervisor;
        this.sites = sites;
        this.admin = admin;
        this.edge = edge;
        this.configs = configs;
        this.logs = new LogDesk(supervisor.feed(), supervisor.logs(), accessLogs);
        this.dumps = dumps;
        this.accessLogs = accessLogs;
        this.ownLog = ownLog;
        this.everything = everything;
        this.settleIds = settleIds;
        this.stopDaemon = stopDaemon;
        this.endProcess = endProcess;
    }

    @Override
    public void handle(ControlRequest request, ReplySink replies) throws Exception {
        Notes notes = new Notes(replies);
        switch (request) {
            case ControlRequest.Processes(List<String> selectors, boolean brief) -> list(selectors, brief, replies);
            case ControlRequest.Logs wanted -> done(replies, logs.show(wanted, everything.get(), replies));
            case ControlRequest.Kill _ -> kill(replies);
            case ControlRequest.Ping _ -> done(replies, OK);
            case ControlRequest.Web(int port) -> done(replies, code(web(port, notes)));
            case ControlRequest.Flush(List<String> selectors) -> done(replies, flush(selectors, notes));
            case ControlRequest.ReloadLogs _ -> {
                logs.reopen();
                done(replies, OK);
            }
            case ControlRequest.Tell(List<String> selectors, String json) ->
                done(replies, tell(selectors, json, notes));
            case ControlRequest.Save(boolean force) -> done(replies, code(dumps.save(force, notes)));
            case ControlRequest.Autosave(boolean on) -> done(replies, code(dumps.autosave(on, notes)));
            case ControlRequest.ClearDump _ -> done(replies, code(dumps.clear(notes)));
            case ControlRequest.Edge(String file, EdgeText text) -> done(replies, code(edge(file, text, notes)));
            case ControlRequest.Start _,
                    ControlRequest.Renew _,
                    ControlRequest.Act _,
                    ControlRequest.RollBack _,
                    ControlRequest.Scale _,
                    ControlRequest.Converge _,
                    ControlRequest.Serve _,
                    ControlRequest.Resurrect _ -> {
                int code = change(request, notes);
                edge.settle(supervisor.names());
                configs.settle(supervisor.names());
                dumps.afterChange(notes);
                done(replies, code);
            }
        }
    }

    private boolean edge(String file, EdgeText text, Notes notes) throws InterruptedException {
        try {
            edge.apply(Path.of(file), text);
            return true;
        } catch (EdgeRefused e) {
            notes.error(e.sentence());
            return false;
        }
    }

    /// The requests that change the list.
    private int change(ControlRequest request, Notes notes) throws InterruptedException, IOException {
        return switch (request) {
            case ControlRequest.Start start -> start(start, notes);
            case ControlRequest.Renew renew -> renew(renew, notes);
            case ControlRequest.Act act -> act(act, notes);
            case ControlRequest.RollBack rollBack -> rollBack(rollBack, notes);
            case ControlRequest.Scale(String app, String amount) -> scale(app, amount, notes);
            case ControlRequest.Serve serve -> serve(serve, notes);
            case ControlRequest.Converge converge -> configs.handle(converge, notes);
            case ControlRequest.Resurrect _ -> resurrect(notes);
            default -> throw new IllegalArgumentException("changes nothing: " + request);
        };
    }

    private static int code(boolean good) {
        return good ? OK : FAILED;
    }

    private int resurrect(Notes notes) throws InterruptedException {
        settleIds.run();
        return code(dumps.resurrect(notes));
    }

    // --- start ---------------------------------------------------------------------------------------------

    private int start(ControlRequest.Start request, Notes notes) throws InterruptedException {
        Set<AppName> fresh;
        adding.lockInterruptibly();
        try {
            if (refused(request, notes)) {
                return FAILED;
            }
            fresh = addNew(request.apps());
        } finally {
            adding.unlock();
        }
        return code(sideBySide(
                request.apps(),
                notes,
                spec -> fresh.contains(spec.name())
                        ? startNew(spec, notes)
                        : startAgain(keepingEnv(spec, false), request.fromFile(), notes)));
    }

    /// Lists those that are new, in the order of the request, so that their ids are in that order too.
    private Set<AppName> addNew(List<AppSpec> apps) {
        settleIds.run();
        return apps.stream().filter(supervisor::add).map(AppSpec::name).collect(Collectors.toSet());
    }

    /// Something that is done to an app; the answer is whether it went well.
    @FunctionalInterface
    private interface Deed {
        boolean isDone(AppSpec spec) throws InterruptedException;
    }

    /// Does `deed` to several apps at a time: most of a start is waiting.
    private static boolean sideBySide(List<AppSpec> apps, Notes notes, Deed deed) throws InterruptedException {
        Semaphore places = new Semaphore(AT_A_TIME);
        AtomicBoolean good = new AtomicBoolean(true);
        List<Thread> threads = new ArrayList<>();
        for (AppSpec spec : apps) {
            places.acquire();
            threads.add(Thread.ofVirtual().name("pm2j-start-" + spec.name()).start(() -> {
                boolean done = false;
                try {
                    done = deed.isDone(spec);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (RuntimeException e) {
                    notes.error(spec.name() + ": " + e.getMessage());
                } finally {
                    good.compareAndSet(true, done);
                    places.release();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return good.get();
    }

    /// The spec with what the running app has of its caller's variables, unless they are to be renewed. PM2: only
    /// `--update-env` takes the shell's.
    private AppSpec keepingEnv(AppSpec spec, boolean updateEnv) {
        return updateEnv
                ? spec
                : supervisor
                        .spec(spec.name())
                        .map(running -> spec.draft()
                                .environment(spec.environment()
                                        .withCaller(running.environment().caller()))
                                .spec())
                        .orElse(spec);
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
            boolean same = first.script().equals(spec.program().script());
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
        notes.info(
                "Starting " + spec.program().script() + " in " + spec.execMode().pm2Text() + " (" + spec.instanceCount()
                        + (spec.instanceCount() == 1 ? " instance)" : " instances)"));
        boolean started = supervisor.start(spec.name(), notes);
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

    private int renew(ControlRequest.Renew request, Notes notes) throws InterruptedException {
        Set<AppName> fresh;
        adding.lockInterruptibly();
        try {
            fresh = addNew(request.apps());
        } finally {
            adding.unlock();
        }
        return code(sideBySide(request.apps(), notes, spec -> {
            if (fresh.contains(spec.name())) {
                notes.info("Applications " + spec.name() + " not running, starting...");
                return startNew(spec, notes);
            }
            AppSpec renewed = keepingEnv(spec, request.updateEnv());
            if (!request.reload()) {
                return startAgain(renewed, false, notes);
            }
            notes.info("Applying action reloadProcessId on app [" + spec.name() + "]");
            return supervisor.reload(spec.name(), Set.of(), Optional.of(renewed), request.terms(), notes);
        }));
    }

    private int count(AppName name) {
        return (int) supervisor.processes().stream()
                .filter(v -> v.name().equals(name.text()))
                .count();
    }

    // --- act -----------------------------------------------------------------------------------------------

    private int act(ControlRequest.Act request, Notes notes) throws InterruptedException, IOException {
        ControlRequest.Verb verb = request.verb();
        Optional<Selection> selection = selection(request.selectors(), notes);
        if (selection.isEmpty()) {
            return FAILED;
        }
        boolean good = true;
        for (Map.Entry<String, Set<Integer>> app : selection.get().byApp().entrySet()) {
            notes.info("Applying action " + action(verb) + " on app [" + app.getKey() + "](ids: "
                    + app.getValue().stream().map(String::valueOf).collect(Collectors.joining(", ", "[ ", " ]")) + ")");
            good &= sites.knows(app.getKey())
                    ? actOnSite(verb, app.getValue(), notes)
                    : actOnApp(request, new AppName(app.getKey()), app.getValue(), notes);
        }
        return code(good);
    }

    /// What selectors choose; nothing, with a sentence for each, when one chooses nothing.
    private Optional<Selection> selection(List<String> selectors, Notes notes) {
        Selection selection = Selection.of(selectors, everything.get());
        for (String unknown : selection.unknown()) {
            notes.error(unknown.equals("all") ? "No process found" : "Process or Namespace " + unknown + " not found");
        }
        return selection.unknown().isEmpty() ? Optional.of(selection) : Optional.empty();
    }

    private boolean actOnApp(ControlRequest.Act request, AppName name, Set<Integer> pmIds, Notes notes)
            throws InterruptedException {
        Optional<AppSpec> renewed = request.newEnv()
                .flatMap(variables -> supervisor
                        .spec(name)
                        .map(spec -> spec.draft()
                                .environment(spec.environment().withCaller(variables))
                                .spec()));
        return switch (request.verb()) {
            case START, RESTART -> supervisor.restart(name, pmIds, renewed, notes);
            case RELOAD -> supervisor.reload(name, pmIds, renewed, request.terms(), notes);
            case STOP -> supervisor.stop(name, pmIds, notes);
            case DELETE -> supervisor.delete(name, pmIds, notes);
            case PAUSE -> supervisor.hold(name, true, notes);
            case RESUME -> supervisor.hold(name, false, notes);
        };
    }

    private int tell(List<String> selectors, String json, Notes notes) throws InterruptedException {
        Optional<Selection> selection = selection(selectors, notes);
        if (selection.isEmpty()) {
            return FAILED;
        }
        int told = 0;
        for (Map.Entry<String, Set<Integer>> app : selection.get().byApp().entrySet()) {
            if (!sites.knows(app.getKey())) {
                told += supervisor.tell(new AppName(app.getKey()), app.getValue(), json);
            }
        }
        notes.info(told + " processes were told");
        return code(told > 0);
    }

    /// PM2: without a selector the daemon's own log is emptied too; so are the edge's.
    private int flush(List<String> selectors, Notes notes) {
        Optional<Selection> selection = selectors.isEmpty()
                ? Optional.of(new Selection(everything.get(), List.of()))
                : selection(selectors, notes);
        if (selection.isEmpty()) {
            return FAILED;
        }
        List<ProcessView> chosen = selection.get().chosen();
        List<Path> also = new ArrayList<>();
        if (selectors.isEmpty()) {
            also.add(ownLog);
            also.addAll(accessLogs.paths());
        }
        for (ProcessView view : chosen) {
            supervisor.combinedLog(new AppName(view.name()), view.pmId()).ifPresent(also::add);
        }
        return code(logs.flush(chosen, also, notes));
    }

    private boolean actOnSite(ControlRequest.Verb verb, Set<Integer> pmIds, Notes notes)
            throws InterruptedException, IOException {
        for (int pmId : pmIds) {
            switch (verb) {
                case START, RESTART, RELOAD -> sites.restart(pmId);
                case STOP -> sites.stop(pmId);
                case DELETE -> sites.delete(pmId);
                case PAUSE, RESUME -> {
                    notes.error("[" + pmId + "] is served by the edge itself: it has no requests to hold");
                    return false;
                }
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
            case PAUSE -> "pause";
            case RESUME -> "resume";
        };
    }

    private int rollBack(ControlRequest.RollBack request, Notes notes) throws InterruptedException {
        if (everything.get().stream().noneMatch(v -> v.name().equals(request.app())) || sites.knows(request.app())) {
            notes.error("Application " + request.app() + " not found");
            return FAILED;
        }
        return code(supervisor.rollBack(new AppName(request.app()), request.generation(), notes));
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

    private void list(List<String> selectors, boolean brief, ReplySink replies) throws IOException {
        Selection selection = selectors.isEmpty()
                ? new Selection(everything.get(), List.of())
                : Selection.of(selectors, everything.get());
        for (String unknown : selection.unknown()) {
            replies.send(new ControlReply.Note(Level.WARN, unknown + " doesn't exist"));
        }
        for (String banner : configs.banners()) {
            replies.send(new ControlReply.Note(Level.WARN, banner));
        }
        List<ProcessView> chosen = selection.chosen();
        replies.send(new ControlReply.Listing(
                brief ? chosen : chosen.stream().map(this::withEnv).toList()));
        done(replies, selection.unknown().isEmpty() ? OK : FAILED);
    }

    private ProcessView withEnv(ProcessView view) {
        return sites.knows(view.name())
                ? view
                : supervisor
                        .spec(new AppName(view.name()))
                        .map(spec ->
                                view.withEnv(new TreeMap<>(spec.environment().merged())))
                        .orElse(view);
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

    private boolean web(int port, Notes notes) throws InterruptedException {
        try {
            int open = admin.open(port);
            notes.info("Web interface on http://127.0.0.1:" + open + "/ and /metrics");
            return true;
        } catch (IOException e) {
            notes.error(String.valueOf(e.getMessage()));
            return false;
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
