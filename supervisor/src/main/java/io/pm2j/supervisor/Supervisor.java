package io.pm2j.supervisor;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.supervisor.app.AppOwner;
import io.pm2j.supervisor.app.AppSnapshot;
import io.pm2j.supervisor.app.AppVersion;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.Progress;
import io.pm2j.supervisor.app.SupervisorHome;
import io.pm2j.supervisor.app.Workforce;
import io.pm2j.supervisor.log.LogFeed;
import io.pm2j.supervisor.node.Preload;
import io.pm2j.supervisor.process.ProcStat;
import io.pm2j.supervisor.traffic.TrafficGate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All apps of a daemon. Every verb blocks until the apps' owners have answered: virtual threads only.
public final class Supervisor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);

    private final TrafficGate gate;
    private final IntSupplier pmIds;
    private final LogFeed feed = new LogFeed();
    private final Workforce workforce;
    private final ProcStat procStat = new ProcStat();
    private final Map<AppName, AppOwner> apps = new ConcurrentHashMap<>();

    /// `pmIds` gives the next free pm id, shared with whatever else the daemon lists.
    public Supervisor(SupervisorHome home, TrafficGate gate, IntSupplier pmIds) {
        this.gate = gate;
        this.pmIds = pmIds;
        this.workforce = new Workforce(home, feed, Preload.install(home.root()));
    }

    /// The lines that apps print from now on.
    public LogFeed feed() {
        return feed;
    }

    public boolean knows(AppName name) {
        return apps.containsKey(name);
    }

    /// Every app as it is now, by name.
    public List<AppSnapshot> apps() {
        return apps.values().stream()
                .map(AppOwner::snapshot)
                .sorted(Comparator.comparing(s -> s.spec().name()))
                .toList();
    }

    /// Starts a new app.
    ///
    /// @return whether it came up; what did not was told to `progress`
    public boolean start(AppSpec spec, Progress progress) throws InterruptedException {
        AppOwner owner = new AppOwner(spec, workforce, gate, pmIds);
        if (apps.putIfAbsent(spec.name(), owner) != null) {
            progress.error("the name " + spec.name() + " is already taken: choose another with --name");
            return false;
        }
        LOG.atInfo().addKeyValue("app", spec.name()).log("app added");
        boolean started = answer(owner.start(progress));
        if (owner.snapshot().slots().isEmpty()) {
            apps.remove(spec.name());
        }
        return started;
    }

    /// Restarts instances (`pmIds` empty: all) in place, with `newSpec` when there is one.
    public boolean restart(AppName name, Set<Integer> pmIds, Optional<AppSpec> newSpec, Progress progress)
            throws InterruptedException {
        return answer(owner(name).restart(pmIds, newSpec, progress));
    }

    /// Replaces workers (`pmIds` empty: all) without a gap, with `newSpec` when there is one.
    public boolean reload(AppName name, Set<Integer> pmIds, Optional<AppSpec> newSpec, Progress progress)
            throws InterruptedException {
        return answer(owner(name).reload(pmIds, newSpec, progress));
    }

    public boolean stop(AppName name, Set<Integer> pmIds, Progress progress) throws InterruptedException {
        return answer(owner(name).stop(pmIds, progress));
    }

    /// Stops and forgets instances (`pmIds` empty: the whole app).
    public boolean delete(AppName name, Set<Integer> pmIds, Progress progress) throws InterruptedException {
        if (answer(owner(name).delete(pmIds, progress))) {
            apps.remove(name);
        }
        return true;
    }

    public boolean scale(AppName name, int count, Progress progress) throws InterruptedException {
        return answer(owner(name).scale(count, progress));
    }

    /// Every instance as `ls` shows it, by name and id.
    public List<ProcessView> processes() {
        List<ProcessView> views = new ArrayList<>();
        for (AppSnapshot app : apps()) {
            String version = AppVersion.of(app.spec());
            for (AppSnapshot.Slot slot : app.slots()) {
                views.add(view(app, slot, version));
            }
        }
        return views;
    }

    /// Ends all apps, at the same time.
    @Override
    public void close() {
        List<CompletableFuture<Boolean>> endings = apps.values().stream()
                .map(o -> o.delete(Set.of(), Progress.SILENT))
                .toList();
        try {
            for (CompletableFuture<Boolean> ending : endings) {
                boolean _ = answer(ending);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        apps.clear();
        workforce.close();
    }

    private AppOwner owner(AppName name) {
        AppOwner owner = apps.get(name);
        if (owner == null) {
            throw new IllegalStateException("app " + name + " is gone");
        }
        return owner;
    }

    private static boolean answer(CompletableFuture<Boolean> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }

    private ProcessView view(AppSnapshot app, AppSnapshot.Slot slot, String version) {
        AppSpec spec = app.spec();
        ProcStat.Usage usage = slot.pid() == 0
                ? new ProcStat.Usage(0, 0)
                : procStat.of(slot.pid(), System.currentTimeMillis() - slot.startedAtMillis());
        return new ProcessView(
                slot.pmId(),
                spec.name().text(),
                spec.namespace(),
                version,
                spec.execMode() == ExecMode.CLUSTER ? "cluster" : "fork",
                slot.pid(),
                slot.status(),
                slot.restarts(),
                slot.unstable(),
                slot.startedAtMillis(),
                slot.createdAtMillis(),
                usage.cpuPercent(),
                usage.memoryBytes(),
                System.getProperty("user.name", ""),
                false,
                spec.autorestart(),
                slot.generation(),
                spec.instances().orElse(0),
                slot.number(),
                spec.script(),
                spec.args(),
                spec.cwd().toString(),
                spec.interpreter(),
                spec.interpreterArgs(),
                "",
                slot.outLog(),
                slot.errorLog(),
                slot.pidFile(),
                slot.exitCode().map(OptionalInt::of).orElse(OptionalInt.empty()),
                slot.lastExit(),
                app.listens(),
                spec.killTimeout().toMillis(),
                spec.listenTimeout().toMillis(),
                spec.waitReady(),
                new TreeMap<>(spec.env()));
    }
}
