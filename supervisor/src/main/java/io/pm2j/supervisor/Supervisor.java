package io.pm2j.supervisor;

import io.pm2j.config.AppName;
import io.pm2j.config.diff.Running;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Dependency;
import io.pm2j.config.spec.Dependency.Condition;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.supervisor.app.AppJournal;
import io.pm2j.supervisor.app.AppOwner;
import io.pm2j.supervisor.app.AppRecord;
import io.pm2j.supervisor.app.AppSnapshot;
import io.pm2j.supervisor.app.DescriptorKeeper;
import io.pm2j.supervisor.app.Feed;
import io.pm2j.supervisor.app.Inheritance;
import io.pm2j.supervisor.app.NodeVersions;
import io.pm2j.supervisor.app.ProcessEvent;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.ProgramMessage;
import io.pm2j.supervisor.app.Progress;
import io.pm2j.supervisor.app.ReloadTerms;
import io.pm2j.supervisor.app.Stillness;
import io.pm2j.supervisor.app.SupervisorHome;
import io.pm2j.supervisor.app.Workforce;
import io.pm2j.supervisor.lifecycle.Wanted;
import io.pm2j.supervisor.log.LogFeed;
import io.pm2j.supervisor.log.LogShelf;
import io.pm2j.supervisor.node.Preload;
import io.pm2j.supervisor.process.ProcStat.Usage;
import io.pm2j.supervisor.process.Signal;
import io.pm2j.supervisor.traffic.TrafficGate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All apps of a daemon. Every verb blocks until the apps' owners have answered: virtual threads only.
public final class Supervisor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);

    private static final Duration LOOK_EACH = Duration.ofMillis(20);

    private final TrafficGate gate;
    private final AppJournal journal;
    private final IntSupplier pmIds;
    private final LogFeed feed = new LogFeed();
    private final Feed<ProgramMessage> messages = new Feed<>();
    private final Workforce workforce;
    private final Inheritance inheritance;
    private final VitalsWatch vitals;
    private final NodeVersions nodeVersions = new NodeVersions();
    private final Map<AppName, AppOwner> apps = new ConcurrentHashMap<>();
    /// The starts of apps that were taken up; others may wait for them.
    private final Map<AppName, CompletableFuture<Boolean>> reviving = new ConcurrentHashMap<>();
    private volatile boolean closing;

    /// `pmIds` gives the next free pm id, shared with whatever else the daemon lists.
    public Supervisor(SupervisorHome home, TrafficGate gate, AppJournal journal, IntSupplier pmIds) {
        this(home, gate, journal, pmIds, Inheritance.NONE);
    }

    /// One that takes up what the program before it in this process left: call [#goOn] when it
    /// has.
    public Supervisor(
            SupervisorHome home, TrafficGate gate, AppJournal journal, IntSupplier pmIds, Inheritance inheritance) {
        this(home, gate, journal, pmIds, inheritance, DescriptorKeeper.NONE);
    }

    /// As the one before; `keeper` has the workers' channels as well.
    public Supervisor(
            SupervisorHome home,
            TrafficGate gate,
            AppJournal journal,
            IntSupplier pmIds,
            Inheritance inheritance,
            DescriptorKeeper keeper) {
        this.gate = gate;
        this.journal = journal;
        this.pmIds = pmIds;
        this.inheritance = inheritance;
        this.workforce = new Workforce(
                home, feed, messages, Preload.install(home.root()), gate.noHandover(), inheritance, keeper);
        this.vitals = new VitalsWatch(this::apps, this::owner, workforce::owns);
        vitals.start();
    }

    /// The lines that apps print from now on.
    public LogFeed feed() {
        return feed;
    }

    /// What programs say with `process.send` from now on. PM2: `process:msg`.
    public Feed<ProgramMessage> messages() {
        return messages;
    }

    /// What happens to instances from now on. PM2: `process:event`.
    public Feed<ProcessEvent> events() {
        return workforce.events();
    }

    /// The log files that are open.
    public LogShelf logs() {
        return workforce.shelf();
    }

    public boolean knows(AppName name) {
        return apps.containsKey(name);
    }

    /// What is wanted of an app; nothing when there is none of that name.
    public Optional<AppSpec> spec(AppName name) {
        return owner(name).map(owner -> owner.snapshot().spec());
    }

    /// The file that takes both streams of an instance, when one is wanted. PM2: `log_file`.
    public Optional<Path> combinedLog(AppName name, int pmId) {
        return spec(name).flatMap(spec -> workforce.home().combinedFile(spec, pmId));
    }

    /// The names of all apps.
    public Set<AppName> names() {
        return Set.copyOf(apps.keySet());
    }

    /// Every app as it is now, by name.
    public List<AppSnapshot> apps() {
        return apps.values().stream()
                .map(AppOwner::snapshot)
                .sorted(Comparator.comparing(s -> s.spec().name()))
                .toList();
    }

    /// Lists a new app, which [#start(AppName, Progress)] then starts: its instances have their ids from now on.
    ///
    /// @return false when the name is taken
    public boolean add(AppSpec spec) {
        return !knows(spec.name()) && add(AppRecord.fresh(spec, pmIds)).isPresent();
    }

    /// Starts an app that was just added. One that can have no listener, or cannot run at all, is listed no more.
    ///
    /// @return whether it came up; what did not was told to `progress`
    public boolean start(AppName name, Progress progress) throws InterruptedException {
        return answer(known(name).start(progress));
    }

    /// Takes up an app that a former daemon had, or that was saved. Returns when what goes on running is in the
    /// list; does not wait for what has to be started.
    ///
    /// @return whether it came up, later; nothing when an app of that name exists
    public Optional<CompletableFuture<Boolean>> revive(AppRecord record, Progress progress)
            throws InterruptedException {
        Optional<AppOwner> owner = add(record);
        if (owner.isEmpty()) {
            return Optional.empty();
        }
        CompletableFuture<Boolean> takenUp = owner.get().takeUp(record, progress);
        CompletableFuture<Boolean> started = record.spec().dependsOn().isEmpty()
                ? owner.get().startMissing(progress)
                : startInTurn(record, owner.get(), progress);
        AppName name = record.spec().name();
        reviving.put(name, started);
        started.whenComplete((_, _) -> reviving.remove(name, started));
        boolean _ = answer(takenUp);
        return Optional.of(started);
    }

    /// Has everything stand still, so that another program can go on from there: when the answer
    /// has no objections nothing happens any more, to workers, their logs and their apps, until
    /// its [Stillness#end].
    public Stillness standStill(Duration limit) throws InterruptedException {
        return Stillness.begin(List.copyOf(apps.values()), workforce, limit);
    }

    /// Notices what workers do, from here on: what the program before left is taken up.
    public void goOn() {
        // An app that is deleted and comes back is another.
        inheritance.isTaken();
        workforce.goOn();
    }

    /// The owner of an app whose name was free.
    private Optional<AppOwner> add(AppRecord record) {
        if (closing) {
            return Optional.empty();
        }
        AtomicReference<AppOwner> added = new AtomicReference<>();
        AppOwner _ = apps.computeIfAbsent(record.spec().name(), name -> {
            LOG.atInfo().addKeyValue("app", name).log("app added");
            AppOwner owner = new AppOwner(record, workforce, gate, journal, pmIds, ended -> isGone(name, ended));
            added.set(owner);
            return owner;
        });
        return Optional.ofNullable(added.get());
    }

    /// Told by the owner, maybe twice: in between another app may have got the name.
    private void isGone(AppName name, AppOwner ended) {
        if (apps.get(name) == ended) {
            gate.forget(name);
            apps.remove(name, ended);
        }
    }

    /// Waits until an app is there, so far as `condition` says, at most for `limit`.
    ///
    /// @return whether it is
    public boolean await(AppName name, Condition condition, Duration limit) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        while (!isThere(name, condition)) {
            if (System.nanoTime() >= deadlineNanos) {
                return false;
            }
            Thread.sleep(LOOK_EACH);
        }
        return true;
    }

    private boolean isThere(AppName name, Condition condition) {
        return owner(name)
                .map(AppOwner::snapshot)
                .map(app -> condition == Condition.READY ? app.settled() : app.started())
                .orElse(false);
    }

    /// Waits for all that an app depends on, each at most for its own `listen_timeout`.
    ///
    /// @return why the app is not to be started; nothing when all is there
    public Optional<String> awaitDependencies(AppSpec spec) throws InterruptedException {
        return missing(spec).map(what -> "App [" + spec.name() + "] was not started: " + what);
    }

    /// Waits for all that an app depends on; what is not there then, in words.
    private Optional<String> missing(AppSpec spec) throws InterruptedException {
        for (Dependency one : spec.dependsOn()) {
            Optional<AppSpec> other = spec(one.app());
            if (other.isEmpty()) {
                return Optional.of(one.app() + ", which it depends on, is not in the list (expected: pm2j start "
                        + one.app() + " before)");
            }
            Duration limit = other.get().ready().limit();
            if (!await(one.app(), one.condition(), limit)) {
                return Optional.of(one.app() + ", which it depends on, "
                        + (one.condition() == Condition.READY ? "is not ready" : "does not run") + " within "
                        + limit.toMillis() + " ms (listen_timeout)");
            }
        }
        return Optional.empty();
    }

    /// Starts what is missing of an app, once what it depends on is there. One that ran when the
    /// former daemon was killed runs again in any case, as it would have gone on: others may have
    /// been stopped by hand before.
    private CompletableFuture<Boolean> startInTurn(AppRecord record, AppOwner owner, Progress progress) {
        AppSpec spec = record.spec();
        List<CompletableFuture<Boolean>> before = spec.dependsOn().stream()
                .map(one -> reviving.get(one.app()))
                .filter(Objects::nonNull)
                .toList();
        CompletableFuture<Boolean> started = new CompletableFuture<>();
        Thread.ofVirtual().name("pm2j-revive-" + spec.name()).start(() -> {
            try {
                CompletableFuture.allOf(before.toArray(CompletableFuture[]::new))
                        .handle((_, _) -> true)
                        .join();
                Optional<String> missing = missing(spec);
                boolean ran = record.ran();
                missing.ifPresent(what -> {
                    if (ran) {
                        progress.warn("App [" + spec.name() + "] ran before and is started again, but " + what);
                    } else {
                        progress.error("App [" + spec.name() + "] was not started: " + what);
                    }
                });
                started.complete((missing.isEmpty() || ran) && answer(owner.startMissing(progress)));
            } catch (InterruptedException | RuntimeException e) {
                started.completeExceptionally(e);
            }
        });
        return started;
    }

    /// Restarts instances (`pmIds` empty: all) in place, with `newSpec` when there is one.
    public boolean restart(AppName name, Set<Integer> pmIds, Optional<AppSpec> newSpec, Progress progress)
            throws InterruptedException {
        return answer(known(name).restart(pmIds, newSpec, progress));
    }

    /// Restarts an app under the name of `newSpec`, which must be free: its instances keep their ids.
    /// When that was taken meanwhile it is started again under its old one.
    ///
    /// @return whether it came up under its new name
    public boolean rename(AppName name, AppSpec newSpec, Progress progress) throws InterruptedException {
        AppOwner former = known(name);
        Optional<AppRecord> record = former.record().map(r -> r.renamed(newSpec));
        if (record.isEmpty() || knows(newSpec.name())) {
            return false;
        }
        boolean _ = answer(former.stop(Set.of(), Progress.SILENT));
        // The list must not be empty in between: its ids would begin at 0 again.
        Optional<AppOwner> renamed = add(record.get());
        if (renamed.isEmpty()) {
            return !closing && keepsItsName(former, newSpec.name(), progress);
        }
        // Nothing is changed by that, but the journal is written before: a daemon that is killed from here on knows
        // the app by one name or both. What it opens waits until the former has closed it.
        boolean _ = answer(renamed.get().amend(newSpec, Progress.SILENT));
        boolean _ = answer(former.delete(Set.of(), Progress.SILENT));
        boolean _ = answer(renamed.get().takeUp(record.get(), progress));
        return answer(renamed.get().startMissing(progress));
    }

    private static boolean keepsItsName(AppOwner former, AppName taken, Progress progress) throws InterruptedException {
        progress.error("the name " + taken + " was taken meanwhile: the app is started again under its old one");
        boolean _ = answer(former.restart(Set.of(), Optional.empty(), progress));
        return false;
    }

    /// Replaces workers (`pmIds` empty: all) without a gap, with `newSpec` when there is one.
    public boolean reload(
            AppName name, Set<Integer> pmIds, Optional<AppSpec> newSpec, ReloadTerms terms, Progress progress)
            throws InterruptedException {
        return answer(known(name).reload(pmIds, newSpec, terms, progress));
    }

    /// Reloads to a spec that the app had before: of `generation`, or the one before the present.
    public boolean rollBack(AppName name, OptionalInt generation, Progress progress) throws InterruptedException {
        return answer(known(name).rollBack(generation, progress));
    }

    /// Holds the app's requests at the edge, or lets them go on.
    public boolean hold(AppName name, boolean on, Progress progress) throws InterruptedException {
        return answer(known(name).hold(on, progress));
    }

    public boolean stop(AppName name, Set<Integer> pmIds, Progress progress) throws InterruptedException {
        return answer(known(name).stop(pmIds, progress));
    }

    /// Stops and forgets instances (`pmIds` empty: the whole app).
    public boolean delete(AppName name, Set<Integer> pmIds, Progress progress) throws InterruptedException {
        boolean _ = answer(known(name).delete(pmIds, progress));
        return true;
    }

    /// Treats an app by another spec from now on, without new workers.
    public boolean amend(AppName name, AppSpec newSpec, Progress progress) throws InterruptedException {
        return answer(known(name).amend(newSpec, progress));
    }

    /// The app as it runs, to be compared with what is wanted; nothing when there is none of that name.
    public Optional<Running> running(AppName name) {
        return owner(name).flatMap(AppOwner::record).map(record -> {
            AppSpec spec = record.spec();
            boolean up = record.instances().stream().anyMatch(instance -> instance.wanted() == Wanted.UP);
            Path folder = record.past().isEmpty()
                    ? spec.cwd()
                    : record.past().getLast().folder();
            return new Running(spec, record.instances().size(), up, folder);
        });
    }

    /// Goes on with a canary: the rest of the rollout at 100, else another share for it.
    public boolean promote(AppName name, int percent, Progress progress) throws InterruptedException {
        return answer(known(name).promote(percent, progress));
    }

    /// Ends a canary: the old workers have everything again.
    public boolean abort(AppName name, Progress progress) throws InterruptedException {
        return answer(known(name).abort(progress));
    }

    public boolean scale(AppName name, int count, Progress progress) throws InterruptedException {
        return answer(known(name).scale(count, progress));
    }

    /// Sends a message, a JSON text, to programs (`pmIds` empty: of all instances) by Node's channel.
    ///
    /// @return how many could be told
    public int tell(AppName name, Set<Integer> pmIds, String json) throws InterruptedException {
        return answer(known(name).tell(pmIds, json));
    }

    /// Forgets how often instances (`pmIds` empty: all) were restarted.
    public boolean reset(AppName name, Set<Integer> pmIds) throws InterruptedException {
        return answer(known(name).reset(pmIds));
    }

    /// Sends a signal to workers (`pmIds` empty: of all instances), not to their children.
    ///
    /// @return how many got it
    public int signal(AppName name, Set<Integer> pmIds, Signal signal) throws InterruptedException {
        return answer(known(name).signal(pmIds, signal));
    }

    /// Writes a line to the standard input of a worker.
    ///
    /// @return what went wrong, in words; empty when nothing did
    public String sendLine(AppName name, int pmId, String line) throws InterruptedException {
        return answer(known(name).sendLine(pmId, line));
    }

    /// Every app as it would be remembered, in the order of their ids.
    public List<AppRecord> records() {
        return apps.values().stream()
                .flatMap(owner -> owner.record().stream())
                .map(AppRecord::withoutSockets)
                .sorted(Comparator.comparingInt(AppRecord::firstPmId))
                .toList();
    }

    /// Every instance as `ls` shows it, by name and id; without its environment, which [#spec] tells.
    public List<ProcessView> processes() {
        List<AppSnapshot> snapshots = apps();
        Map<Integer, Usage> usages = vitals.now(snapshots);
        List<ProcessView> views = new ArrayList<>();
        for (AppSnapshot app : snapshots) {
            for (AppSnapshot.Slot slot : app.slots()) {
                views.add(view(app, slot, usages.getOrDefault(slot.pid(), VitalsWatch.NOTHING)));
            }
        }
        return views;
    }

    /// Ends all apps, those first that others do not depend on, and forgets them.
    @Override
    public void close() {
        closing = true;
        vitals.close();
        List<AppSpec> specs = apps().stream().map(AppSnapshot::spec).toList();
        try {
            for (List<AppSpec> step : Dependency.steps(specs).reversed()) {
                deleteAll(step.stream().map(AppSpec::name).toList());
            }
            deleteAll(List.copyOf(names())); // what came in between
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        apps.clear();
        workforce.close();
    }

    private void deleteAll(List<AppName> names) throws InterruptedException {
        List<CompletableFuture<Boolean>> endings = names.stream()
                .flatMap(name -> owner(name).stream())
                .map(owner -> owner.delete(Set.of(), Progress.SILENT))
                .toList();
        for (CompletableFuture<Boolean> ending : endings) {
            boolean _ = answer(ending);
        }
    }

    private Optional<AppOwner> owner(AppName name) {
        return Optional.ofNullable(apps.get(name));
    }

    private AppOwner known(AppName name) {
        return owner(name).orElseThrow(() -> new IllegalStateException("app " + name + " is gone"));
    }

    private static <T> T answer(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }

    private ProcessView view(AppSnapshot app, AppSnapshot.Slot slot, Usage usage) {
        AppSpec spec = app.spec();
        return new ProcessView(
                slot.pmId(),
                spec.name().text(),
                spec.namespace(),
                app.version(),
                spec.execMode() == ExecMode.CLUSTER ? "cluster" : "fork",
                slot.pid(),
                slot.status(),
                slot.restarts(),
                slot.unstable(),
                slot.startedAtMillis(),
                slot.createdAtMillis(),
                usage.cpuPercent(),
                usage.memoryBytes(),
                spec.process().user().orElse(System.getProperty("user.name", "")),
                app.watching(),
                spec.restart().automatic(),
                slot.generation(),
                spec.instances().orElse(0),
                slot.number(),
                spec.program().script(),
                spec.program().args(),
                spec.cwd().toString(),
                spec.program().interpreter(),
                spec.program().interpreterArgs(),
                nodeVersions.of(spec),
                slot.outLog(),
                slot.errorLog(),
                slot.pidFile(),
                slot.exitCode().map(OptionalInt::of).orElse(OptionalInt.empty()),
                slot.lastExit(),
                slot.lastReason(),
                slot.said(),
                app.listens(),
                spec.stop().limit().toMillis(),
                spec.ready().limit().toMillis(),
                spec.ready().waitForMessage(),
                Map.of(),
                slot.standing());
    }
}
