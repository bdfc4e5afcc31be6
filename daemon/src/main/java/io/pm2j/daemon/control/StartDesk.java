package io.pm2j.daemon.control;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Dependency;
import io.pm2j.config.spec.Dependency.Condition;
import io.pm2j.daemon.site.Sites;
import io.pm2j.supervisor.Supervisor;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.control.ControlRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/// Brings apps and sites into the list, and apps to what a file says now. Requests that add take turns, so that two
/// starts cannot both find a name free.
final class StartDesk {
    private static final int AT_A_TIME = 4 * Runtime.getRuntime().availableProcessors();

    private static final Duration LOOK_EACH = Duration.ofMillis(20);

    private final Supervisor supervisor;
    private final Sites sites;
    private final Listed listed;
    private final Runnable settleIds;
    private final ReentrantLock adding = new ReentrantLock();

    /// `settleIds` lets the numbering begin anew when the list is empty.
    StartDesk(Supervisor supervisor, Sites sites, Listed listed, Runnable settleIds) {
        this.supervisor = supervisor;
        this.sites = sites;
        this.listed = listed;
        this.settleIds = settleIds;
    }

    boolean start(ControlRequest.Start request, Notes notes) throws InterruptedException {
        Set<AppName> fresh;
        adding.lockInterruptibly();
        try {
            if (refused(request, notes)) {
                return false;
            }
            fresh = addNew(request.apps());
        } finally {
            adding.unlock();
        }
        return sideBySide(
                request.apps(),
                notes,
                spec -> fresh.contains(spec.name())
                        ? startNew(spec, notes)
                        : startAgain(keepingEnv(spec, false), request.fromFile(), notes));
    }

    boolean renew(ControlRequest.Renew request, Notes notes) throws InterruptedException {
        Set<AppName> fresh;
        adding.lockInterruptibly();
        try {
            fresh = addNew(request.apps());
        } finally {
            adding.unlock();
        }
        return sideBySide(request.apps(), notes, spec -> {
            if (fresh.contains(spec.name())) {
                notes.info("Applications " + spec.name() + " not running, starting...");
                return startNew(spec, notes);
            }
            AppSpec renewed = keepingEnv(spec, request.updateEnv());
            if (!request.reload()) {
                return startAgain(renewed, true, notes);
            }
            announce("reloadProcessId", spec, notes);
            return supervisor.reload(spec.name(), Set.of(), Optional.of(renewed), request.terms(), notes)
                    && asMany(spec, notes);
        });
    }

    boolean serve(ControlRequest.Serve request, Notes notes) throws InterruptedException {
        String name = request.name().isEmpty() ? "static-page-server-" + request.port() : request.name();
        adding.lockInterruptibly();
        try {
            if (listed.everything().stream().anyMatch(v -> v.name().equals(name))) {
                notes.error("the name " + name + " is already taken: pm2j delete " + name + " first");
                return false;
            }
            settleIds.run();
            sites.serve(Path.of(request.root()), request.port(), name, request.spa());
            notes.info("Serving " + request.root() + " on port " + request.port());
            return true;
        } catch (IOException e) {
            notes.error(String.valueOf(e.getMessage()));
            return false;
        } finally {
            adding.unlock();
        }
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
    private boolean sideBySide(List<AppSpec> apps, Notes notes, Deed deed) throws InterruptedException {
        Semaphore places = new Semaphore(AT_A_TIME);
        AtomicBoolean good = new AtomicBoolean(true);
        List<Thread> threads = new ArrayList<>();
        Map<AppName, CompletableFuture<Boolean>> deeds = new HashMap<>();
        // In this order nobody who waits keeps a place from those waited for.
        for (AppSpec spec : Dependency.ordered(apps)) {
            Map<AppName, CompletableFuture<Boolean>> before = Map.copyOf(deeds);
            CompletableFuture<Boolean> own = new CompletableFuture<>();
            deeds.put(spec.name(), own);
            places.acquire();
            threads.add(Thread.ofVirtual().name("pm2j-start-" + spec.name()).start(() -> {
                boolean done = false;
                try {
                    done = mayBegin(spec, before, notes) && deed.isDone(spec);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (RuntimeException e) {
                    notes.error(spec.name() + ": " + e.getMessage());
                } finally {
                    good.compareAndSet(true, done);
                    own.complete(done);
                    places.release();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return good.get();
    }

    /// Waits for what an app depends on; says so when that is not to be.
    private boolean mayBegin(AppSpec spec, Map<AppName, CompletableFuture<Boolean>> before, Notes notes)
            throws InterruptedException {
        for (Dependency one : spec.dependsOn()) {
            CompletableFuture<Boolean> other = before.get(one.app());
            while (other != null && !other.isDone() && !isEnough(one)) {
                Thread.sleep(LOOK_EACH);
            }
            if (other != null && other.isDone() && !other.join()) {
                notes.error("App [" + spec.name() + "] was not started: " + one.app()
                        + ", which it depends on, did not come up");
                return false;
            }
        }
        Optional<String> objection = supervisor.awaitDependencies(spec);
        objection.ifPresent(notes::error);
        return objection.isEmpty();
    }

    private boolean isEnough(Dependency one) throws InterruptedException {
        return one.condition() == Condition.STARTED && supervisor.await(one.app(), one.condition(), Duration.ZERO);
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
        List<ProcessView> all = listed.everything();
        for (AppSpec spec : request.apps()) {
            List<ProcessView> own = all.stream()
                    .filter(v -> v.name().equals(spec.name().text()))
                    .toList();
            if (own.isEmpty()
                    || request.fromFile() && !listed.isSite(spec.name().text())) {
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

    private void announce(String action, AppSpec spec, Notes notes) {
        String ids = listed.everything().stream()
                .filter(view -> view.name().equals(spec.name().text()))
                .map(view -> String.valueOf(view.pmId()))
                .collect(Collectors.joining(", ", "[ ", " ]"));
        notes.info("Applying action " + action + " on app [" + spec.name() + "](ids: " + ids + ")");
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
        announce("restartProcessId", spec, notes);
        boolean good = supervisor.restart(spec.name(), Set.of(), Optional.of(spec), notes);
        return good && (!fromFile || asMany(spec, notes));
    }

    /// What a file says of the number of instances holds. PM2: only for an app that is new.
    private boolean asMany(AppSpec spec, Notes notes) throws InterruptedException {
        int wanted = spec.instanceCount();
        return listed.count(spec.name()) == wanted || supervisor.scale(spec.name(), wanted, notes);
    }
}
