package io.pm2j.supervisor.app;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.config.spec.LogSpec;
import io.pm2j.config.spec.RolloutSpec;
import io.pm2j.supervisor.app.AppRecord.WorkerRecord;
import io.pm2j.supervisor.app.Order.Precedence;
import io.pm2j.supervisor.lifecycle.Effect;
import io.pm2j.supervisor.lifecycle.InstanceState;
import io.pm2j.supervisor.lifecycle.InstanceState.Leaving;
import io.pm2j.supervisor.lifecycle.LifeEvent;
import io.pm2j.supervisor.lifecycle.Lifecycle;
import io.pm2j.supervisor.lifecycle.Phase;
import io.pm2j.supervisor.lifecycle.Wanted;
import io.pm2j.supervisor.process.ExitStatus;
import io.pm2j.supervisor.process.ProcessTree;
import io.pm2j.supervisor.process.Signal;
import io.pm2j.supervisor.process.StandardInput;
import io.pm2j.supervisor.traffic.Endpoint;
import io.pm2j.supervisor.traffic.Share;
import io.pm2j.supervisor.traffic.TrafficGate;
import io.pm2j.supervisor.traffic.TrafficGate.AddressTaken;
import io.pm2j.supervisor.traffic.Trial;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The single thread allowed to change an app: its instances, its workers, and who of them gets traffic.
///
/// ```
///   orders ──┐                       ┌─> Lifecycle.step, then EffectRunner: spawn, drain, signal
///   exits ───┼─> mailbox ─> owner ───┼─> TrafficGate open, admit
///   messages ┘   (virtual thread)    └─> snapshot for ls, record for the journal
/// ```
/// A flow (start, stop, reload...) is straight-line code that runs on the owner's thread. Where it waits it goes
/// on emptying the mailbox, so that a worker that dies during a reload is replaced at once; orders that arrive
/// meanwhile wait their turn, and an urgent one (stop, delete) makes the waiting flow give up, old workers kept.
public final class AppOwner {
    private static final Logger LOG = LoggerFactory.getLogger(AppOwner.class);

    private static final Predicate<Order<?>> NOBODY = _ -> false;
    private static final Duration FOREVER = Duration.ofDays(365);
    /// How often processes are looked at whose end nobody reports.
    private static final Duration LOOK_EACH = Duration.ofMillis(20);
    private static final Duration WRITE_AGAIN = Duration.ofSeconds(2);
    private static final int LAST_WORDS = 15;

    private final AppName name;
    private final Workforce workforce;
    private final TrafficGate gate;
    private final AppJournal journal;
    private final IntSupplier pmIds;
    private final Consumer<AppOwner> onEnd;
    private final BlockingQueue<AppEvent> mailbox = new LinkedBlockingQueue<>();
    private final Deque<Order<?>> orders = new ArrayDeque<>();
    private final List<Instance> instances = new ArrayList<>();
    private final AppListeners listeners;
    private final EffectRunner effects;
    private final Conversations conversations;
    private final Occasions occasions;
    private final Formers formers = new Formers();

    private final Rollout.Stage stage = new OwnStage();
    private final Canaries canaries;
    private final History history;

    private AppSpec spec;
    /// Where its workers run.
    private Path folder;
    /// Requests are held: nobody is admitted.
    private boolean paused;
    /// What the gate was told of whether anybody may be ready soon.
    private boolean expected = true;
    private String version;
    private int generation;
    private String listenProblem = "";
    private boolean closed;
    private boolean busy;
    /// The instances of the occasions that wait; an empty set stands for all.
    private final Set<Set<Integer>> occasionsWaiting = new HashSet<>();
    /// The journal could not take what is true now.
    private boolean unwritten = true;
    private Set<Endpoint> admitted = Set.of();
    private Optional<Trial> trial = Optional.empty();
    private Duration held = RolloutSpec.USUAL_HOLD;
    /// What is remembered of it; nothing once it is deleted.
    private volatile Optional<AppRecord> kept;
    private volatile boolean ended;
    private volatile AppSnapshot snapshot;

    /// The owner of an app: listed at once, to be begun by [#start] when it is new, by [#takeUp] when it is remembered.
    /// `pmIds` gives the next free pm id of the daemon.
    /// `onEnd` hears, on the owner's thread, that the app is gone.
    public AppOwner(
            AppRecord record,
            Workforce workforce,
            TrafficGate gate,
            AppJournal journal,
            IntSupplier pmIds,
            Consumer<AppOwner> onEnd) {
        this.onEnd = onEnd;
        AppSpec spec = record.spec();
        this.name = spec.name();
        this.spec = spec;
        this.version = AppVersion.of(spec);
        this.workforce = workforce;
        this.gate = gate;
        this.journal = journal;
        this.pmIds = pmIds;
        this.listeners = new AppListeners(name, gate);
        this.effects = new EffectRunner(name, workforce, gate, mailbox::add);
        this.conversations = new Conversations(name, listeners, effects, problem -> listenProblem = problem);
        this.canaries = new Canaries(name, stage, gate, this::placeBeside);
        this.occasions =
                new Occasions(workforce.home().root(), occasion -> mailbox.add(new AppEvent.Occasioned(occasion)));
        this.generation = record.generation();
        this.history = new History(record);
        this.folder = history.proven().folder();
        this.paused = record.paused();
        record.instances().forEach(former -> instances.add(Instance.of(former)));
        this.kept = Optional.of(record);
        this.snapshot = picture();
        Thread.ofVirtual().name("pm2j-app-" + name).start(this::live);
    }

    /// A picture of the app; any thread.
    public AppSnapshot snapshot() {
        return snapshot;
    }

    // --- orders, from any thread ---------------------------------------------------------------------------

    /// Starts the instances, unless the spec says not yet. When it can have no listener, or nothing can be run, nothing
    /// is left of it and the owner ends.
    public CompletableFuture<Boolean> start(Progress progress) {
        return ask("start", Precedence.WAITS, () -> {
            occasions.follow(spec, progress);
            if (!spec.autostart()) {
                return true;
            }
            boolean started = startInstances(instances, progress);
            boolean neverRan = instances.stream().allMatch(i -> i.state.gone() && i.lastWorker.isEmpty());
            if (!started && (neverRan || !listenProblem.isEmpty())) {
                List.copyOf(instances).forEach(this::forget);
                end();
            }
            return started;
        });
    }

    /// Takes up what a former daemon had: keeps the workers that live and can be kept, and has the others end. Quick;
    /// [#startMissing] does the rest.
    public CompletableFuture<Boolean> takeUp(AppRecord record, Progress progress) {
        return ask("take up", Precedence.WAITS, () -> {
            Optional<AppHandover> handed = workforce.inheritance().app(name.text());
            if (handed.isPresent()) {
                goOn(handed.get());
            }
            for (int i = 0; i < instances.size(); i++) {
                adopt(instances.get(i), record.instances().get(i), progress);
            }
            occasions.follow(spec, progress);
            return openFixedListener(progress);
        });
    }

    /// Is done when all orders that were given before are.
    CompletableFuture<Boolean> comeToTurn() {
        return ask("come to its turn", Precedence.WAITS, () -> true);
    }

    /// Hands the app on, in its turn: when nothing is under way in it, the answer is what its
    /// successor needs, and the owner does nothing more until `goOn` is done. Else the answer is
    /// why not.
    CompletableFuture<Handing> hand(CompletableFuture<?> goOn) {
        CompletableFuture<Handing> answer = new CompletableFuture<>();
        CompletableFuture<Boolean> order = ask("hand over", Precedence.WAITS, () -> {
            // Whoever tells us anything is paused: what was told before is here, and nothing comes behind it.
            AppEvent event;
            while ((event = mailbox.poll()) != null) {
                take(event);
            }
            Handing handing = handing();
            answer.complete(handing);
            if (handing instanceof Handing.Ready) {
                goOn.join();
            }
            return true;
        });
        order.whenComplete((_, refused) -> {
            if (refused != null) {
                answer.complete(new Handing.Gone());
            }
        });
        return answer;
    }

    /// What an owner says that is to hand its app on.
    sealed interface Handing {
        record Ready(AppHandover what) implements Handing {}

        /// Something is under way, in words.
        record Busy(String why) implements Handing {}

        /// There is no such app any more.
        record Gone() implements Handing {}
    }

    private Handing handing() {
        if (!orders.isEmpty()) {
            return new Handing.Busy("App [" + name + "] has orders that wait");
        }
        List<AppHandover.Working> workers = new ArrayList<>();
        for (Instance instance : instances) {
            Phase phase = instance.state.phase();
            String label = "App [" + name + ":" + instance.pmId + "] ";
            if (phase == Phase.LAUNCHING
                    || phase == Phase.STOPPING
                    || instance.candidate().isPresent()) {
                return new Handing.Busy(label + "is " + phase.word());
            }
            if (!instance.state.leaving().isEmpty()) {
                return new Handing.Busy(label + "has a former worker that is still to end (streams, or a bake time)");
            }
            instance.current().map(Worker::handover).ifPresent(workers::add);
        }
        return new Handing.Ready(new AppHandover(
                name.text(), listeners.handover(), listeners.datagrams().handover(), workers));
    }

    /// Has the app's sockets as they were before it was handed on.
    private void goOn(AppHandover handed) {
        for (AppHandover.Listening listening : handed.listens()) {
            try {
                listeners.goOn(listening);
            } catch (AddressTaken e) {
                listenProblem = e.sentence();
                LOG.atError().addKeyValue("app", name).log(e.sentence());
            }
        }
    }

    /// What the worker had before it was handed on.
    private void goOn(Worker worker) {
        Optional<AppHandover> handed = workforce.inheritance().app(name.text());
        Optional<AppHandover.Working> from = workforce.inheritance().worker(worker.token);
        if (handed.isPresent() && from.isPresent()) {
            for (AppHandover.Receiving socket : handed.get().receives()) {
                DatagramPlace place = listeners.datagrams().goOn(socket);
                Boolean receiving = from.get().bindings().get(place.key());
                if (receiving != null) {
                    worker.goOnAt(place, receiving);
                }
            }
        }
    }

    /// Starts what is wanted and was not kept, once nothing of its predecessors is left.
    public CompletableFuture<Boolean> startMissing(Progress progress) {
        return ask("start what is missing", Precedence.WAITS, () -> {
            endFormers();
            List<Instance> missing = instances.stream()
                    .filter(i -> i.state.wanted() == Wanted.UP && i.state.phase() == Phase.STOPPED)
                    .toList();
            return startInstances(missing, progress);
        });
    }

    /// Stops and starts instances in place, one after the other. `pmIds` empty means all.
    public CompletableFuture<Boolean> restart(Set<Integer> pmIds, Optional<AppSpec> newSpec, Progress progress) {
        return ask("restart", newer(pmIds, newSpec), () -> {
            if (refusedByCanary(progress)) {
                return false;
            }
            if (newSpec.filter(this::listensOtherwise).isPresent()) {
                return beginAnew(newSpec.get(), progress);
            }
            newSpec.ifPresent(s -> adopt(s, progress));
            return restartInstances(chosen(pmIds), progress);
        });
    }

    /// Replaces workers without a gap. `pmIds` empty means all.
    public CompletableFuture<Boolean> reload(
            Set<Integer> pmIds, Optional<AppSpec> newSpec, ReloadTerms terms, Progress progress) {
        return ask("reload", newer(pmIds, newSpec), () -> {
            AppSpec next = newSpec.orElse(spec);
            if (refusedByCanary(progress)) {
                return false;
            }
            if (terms.canary().isPresent()) {
                return beginCanary(next, terms, terms.canary().get(), progress);
            }
            canaries.forgetEnd();
            return reloadTo(next, Placement.now(next), chosen(pmIds), terms, progress);
        });
    }

    /// Reloads to a spec that the app had before: of `generation`, or the one before the present.
    public CompletableFuture<Boolean> rollBack(OptionalInt generation, Progress progress) {
        return ask("rollback", Precedence.WAITS, () -> {
            if (refusedByCanary(progress)) {
                return false;
            }
            Optional<AppRecord.Generation> former = history.former(generation);
            if (former.isEmpty()) {
                progress.error("App [" + name + "] has no "
                        + (generation.isPresent()
                                ? "generation " + generation.getAsInt()
                                : "generation before this one")
                        + " (kept: " + history.numbers() + ")");
                return false;
            }
            progress.info(
                    "App [" + name + "] goes back to generation " + former.get().number());
            AppSpec target =
                    former.get().spec().draft().instances(spec.instances()).spec();
            return reloadTo(target, former.get().folder(), List.copyOf(instances), ReloadTerms.USUAL, progress);
        });
    }

    /// Holds the app's requests at the edge, or lets them go on; its processes run in any case.
    public CompletableFuture<Boolean> hold(boolean on, Progress progress) {
        return ask(on ? "pause" : "resume", Precedence.WAITS, () -> {
            if (spec.execMode() != ExecMode.CLUSTER) {
                progress.error("App [" + name + "] listens by itself, so its requests cannot be held (expected: cluster"
                        + " mode)");
                return false;
            }
            paused = on;
            progress.info("[" + name + "] ✓");
            return true;
        });
    }

    /// The rest of the rollout after a canary; with less than 100 percent another share for it.
    public CompletableFuture<Boolean> promote(int percent, Progress progress) {
        return ask("promote", Precedence.WAITS, () -> {
            Optional<Canary> open = canaries.present();
            if (open.isEmpty()) {
                return noCanary(progress);
            }
            Canary canary = open.get();
            if (percent < 100) {
                return canaries.share(canary, new Share.Percent(percent), instances, progress);
            }
            canary.alone = false;
            AppSpec target = canary.spec.draft().instances(spec.instances()).spec();
            boolean good =
                    reloadTo(target, canary.folder, List.copyOf(instances), canary.terms.withoutCanary(), progress);
            endCanary();
            return good;
        });
    }

    /// Ends the canary; the old workers have everything again.
    public CompletableFuture<Boolean> abort(Progress progress) {
        return ask("abort", Precedence.WAITS, () -> {
            Optional<Canary> open = canaries.present();
            if (open.isEmpty()) {
                return noCanary(progress);
            }
            endCanary();
            progress.info("The canary of " + name + " (generation " + open.get().generation
                    + ") is stopped; the old workers have all requests");
            return true;
        });
    }

    private void endCanary() throws InterruptedException {
        canaries.present().ifPresent(this::isSpent);
        canaries.end();
        closeUnusedListeners();
    }

    /// No later generation is to have the same number.
    private void isSpent(Canary canary) {
        generation = Math.max(generation, canary.generation);
    }

    private boolean noCanary(Progress progress) {
        progress.error(
                "App [" + name + "] has no open canary (expected: pm2j reload " + name + " --canary 10% before)");
        return false;
    }

    private boolean refusedByCanary(Progress progress) {
        Optional<String> objection = canaries.objection();
        objection.ifPresent(progress::error);
        return objection.isPresent();
    }

    private boolean beginCanary(AppSpec next, ReloadTerms terms, Share share, Progress progress)
            throws InterruptedException {
        Optional<String> objection = whyNoCanary(next);
        if (objection.isPresent()) {
            progress.error("App [" + name + "] can have no canary: " + objection.get());
            return false;
        }
        Path in = Placement.now(next);
        if (!mayTakeOff(Placement.in(in, next), Canary.workers(share, instances.size()), terms, progress)) {
            return false;
        }
        // A worker of the old version that is started meanwhile is of the old generation.
        Canary canary = new Canary(next, in, generation + 1, terms, share);
        boolean good = canaries.begin(canary, instances, progress);
        if (!good) {
            isSpent(canary);
            closeUnusedListeners();
        }
        return good;
    }

    private Optional<String> whyNoCanary(AppSpec next) {
        if (spec.execMode() != ExecMode.CLUSTER) {
            return Optional.of("it listens by itself, so its requests cannot be divided (expected: cluster mode)");
        }
        if (listensOtherwise(next)) {
            return Optional.of("the new version changes who listens for it (expected: a reload without --canary)");
        }
        if (spec.rollout().surge() == 0) {
            return Optional.of("no worker of it may run beside another (exclusive, surge 0)");
        }
        return instances.stream().anyMatch(i -> i.admitted().isPresent())
                ? Optional.empty()
                : Optional.of("none of its workers is ready (expected: pm2j start " + name + " before)");
    }

    /// A place that is none of the app's own.
    private Instance placeBeside() {
        return new Instance(pmIds.getAsInt(), lowestFreeNumber(), InstanceState.begun());
    }

    /// A canary does not outlive the app, and goes when its own places are named.
    private void endCanaryWith(Set<Integer> pmIds) throws InterruptedException {
        boolean named = pmIds.stream().anyMatch(canaries::has);
        canaries.present().filter(_ -> named).ifPresent(this::isSpent);
        boolean nobodyElse = instances.stream().noneMatch(i -> i.state.wanted() == Wanted.UP);
        if (named && !nobodyElse) {
            canaries.end();
        } else if (nobodyElse) {
            canaries.present().ifPresent(canaries::leave);
            stopInstances(canaries.instances(), Progress.SILENT);
        }
    }

    private boolean reloadTo(AppSpec newSpec, Path in, List<Instance> chosen, ReloadTerms terms, Progress progress)
            throws InterruptedException {
        if (!mayTakeOff(Placement.in(in, newSpec), chosen.size(), terms, progress)) {
            return false;
        }
        if (listensOtherwise(newSpec)) {
            progress.warn("App [" + name + "] changes who listens for it, so it cannot be replaced without a gap");
            return beginAnew(newSpec, progress);
        }
        adopt(newSpec, in, progress);
        if (spec.execMode() == ExecMode.FORK && spec.port().isPresent()) {
            progress.warn("App [" + name + "] listens by itself (fork mode), so it is stopped and started; with"
                    + " instances it is behind the edge, and a reload has no gap");
        }
        return renew(chosen, terms, "", progress);
    }

    /// Nothing is touched when the pre-flight objects, unless somebody insists.
    private boolean mayTakeOff(AppSpec newSpec, int workers, ReloadTerms terms, Progress progress) {
        List<String> objections = Preflight.objections(newSpec, workers);
        for (String objection : objections) {
            if (terms.force()) {
                progress.warn(objection);
            } else {
                progress.error("App [" + name + "] was not reloaded: " + objection);
            }
        }
        return objections.isEmpty() || terms.force();
    }

    public CompletableFuture<Boolean> stop(Set<Integer> pmIds, Progress progress) {
        return ask("stop", ending(pmIds), () -> {
            stopInstances(chosen(pmIds), progress);
            endCanaryWith(pmIds);
            closeUnusedListeners();
            return true;
        });
    }

    /// Stops and forgets instances; the answer is whether the app has none left, and its owner has ended.
    public CompletableFuture<Boolean> delete(Set<Integer> pmIds, Progress progress) {
        return ask("delete", ending(pmIds), () -> {
            List<Instance> doomed = chosen(pmIds);
            stopInstances(doomed, progress);
            endCanaryWith(pmIds);
            doomed.forEach(this::forget);
            closeUnusedListeners();
            if (instances.isEmpty()) {
                end();
            }
            return closed;
        });
    }

    /// Treats the app by another spec from now on; the present workers go on, and a later one is begun by it.
    public CompletableFuture<Boolean> amend(AppSpec newSpec, Progress progress) {
        return ask("amend", Precedence.WAITS, () -> {
            spec = newSpec;
            occasions.follow(spec, progress);
            instances.forEach(instance -> workforce.rotateLogs(spec, instance.pmId));
            history.amend(spec);
            return true;
        });
    }

    /// Makes the number of instances `count`, at least 1.
    public CompletableFuture<Boolean> scale(int count, Progress progress) {
        return ask("scale", Precedence.WAITS, () -> {
            if (refusedByCanary(progress)) {
                return false;
            }
            spec = scaled(count);
            history.amend(spec);
            int missing = count - instances.size();
            if (missing > 0) {
                return startInstances(addInstances(missing, InstanceState.begun()), progress);
            }
            List<Instance> surplus = List.copyOf(instances.subList(count, instances.size()));
            stopInstances(surplus, progress);
            surplus.forEach(this::forget);
            closeUnusedListeners();
            return true;
        });
    }

    /// Instances that share their files go on doing so: what runs keeps its names.
    private AppSpec scaled(int count) {
        LogSpec logs = spec.logs();
        LogSpec kept = new LogSpec(
                logs.out(),
                logs.error(),
                logs.combined(),
                Optional.of(logs.merged().orElse(spec.instances().isEmpty())),
                logs.dateFormat(),
                logs.json(),
                logs.disabled(),
                logs.rotation());
        return spec.draft().instances(OptionalInt.of(count)).logs(kept).spec();
    }

    /// Sends a message, a JSON text, to the programs of instances (empty: all) by Node's channel. PM2:
    /// sendDataToProcessId.
    ///
    /// @return how many could be told
    public CompletableFuture<Integer> tell(Set<Integer> pmIds, String json) {
        return ask("tell", Precedence.WAITS, () -> (int) addressed(pmIds).stream()
                .filter(i -> i.current().map(w -> w.send(json)).orElse(false))
                .count());
    }

    /// Forgets how often instances (empty: all) were restarted. PM2: `reset`.
    public CompletableFuture<Boolean> reset(Set<Integer> pmIds) {
        return ask("reset", Precedence.WAITS, () -> {
            for (Instance instance : chosen(pmIds)) {
                instance.state = instance.state.forgetRestarts();
                instance.restartsAtStart = 0;
                instance.createdAtMillis = System.currentTimeMillis();
            }
            return true;
        });
    }

    /// Sends `signal` to the workers of instances (empty: all), not to their children.
    ///
    /// @return how many have a worker
    public CompletableFuture<Integer> signal(Set<Integer> pmIds, Signal signal) {
        return ask("signal", Precedence.WAITS, () -> (int) addressed(pmIds).stream()
                .flatMap(i -> i.current().stream())
                .filter(worker -> !worker.exited())
                .peek(worker -> ProcessTree.signalOne(worker.pid, signal))
                .count());
    }

    /// Writes a line to the standard input of an instance's worker.
    ///
    /// @return what went wrong, in words; empty when nothing did
    public CompletableFuture<String> sendLine(int pmId, String line) {
        return ask(
                "send",
                Precedence.WAITS,
                () -> addressed(Set.of(pmId)).stream()
                        .findFirst()
                        .flatMap(Instance::current)
                        .map(worker -> StandardInput.write(worker.pid, line))
                        .orElse("it does not run"));
    }

    /// An instance's processes use more memory than they may: its worker `pid` is replaced, in its turn.
    public void overMemory(int pmId, int pid, long bytes, long limitBytes) {
        mailbox.add(new AppEvent.Occasioned(Occasion.memory(pmId, pid, bytes, limitBytes)));
    }

    /// What is remembered of the app; nothing after its end. Any thread.
    public Optional<AppRecord> record() {
        return kept;
    }

    /// A newer spec for the whole app makes an older one's rollout pointless.
    private static Precedence newer(Set<Integer> pmIds, Optional<AppSpec> newSpec) {
        return newSpec.isPresent() && pmIds.isEmpty() ? Precedence.SUPERSEDES : Precedence.WAITS;
    }

    /// The end of some instances must not leave the others between two generations: it waits.
    private Precedence ending(Set<Integer> pmIds) {
        boolean all = pmIds.isEmpty() || snapshot.slots().stream().allMatch(slot -> pmIds.contains(slot.pmId()));
        return all ? Precedence.URGENT : Precedence.WAITS;
    }

    private <T> CompletableFuture<T> ask(String what, Precedence precedence, Order.Flow<T> flow) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Order<T> order = new Order<>(what, precedence, flow, answer);
        mailbox.add(new AppEvent.Asked(order));
        if (ended) {
            order.refuse("app " + name + " is gone");
        }
        return answer;
    }

    // --- the owner's thread --------------------------------------------------------------------------------

    private void live() {
        try {
            while (!closed) {
                take(mailbox.take());
                Order<?> order;
                while (!closed && (order = orders.poll()) != null) {
                    busy = true;
                    order.perform(this::publish);
                    busy = false;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("app", name).setCause(e).log("the owner of the app ended");
        } finally {
            ended = true;
            onEnd.accept(this);
            occasions.close();
            refuseWhatIsLeft();
        }
    }

    private void refuseWhatIsLeft() {
        AppEvent left;
        while ((left = mailbox.poll()) != null) {
            if (left instanceof AppEvent.Asked(Order<?> order)) {
                orders.add(order);
            }
        }
        Order<?> order;
        while ((order = orders.poll()) != null) {
            order.refuse("app " + name + " is gone");
        }
    }

    /// A fault in one event must not leave the app without its owner.
    private void take(AppEvent event) {
        try {
            happen(event);
            everybody().toList().forEach(this::look);
            watchCanary();
            publish();
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("app", name).setCause(e).log("an event could not be handled");
        }
    }

    private void watchCanary() {
        canaries.present().ifPresent(canary -> canaries.trouble().ifPresent(why -> endLater(canary, why)));
    }

    private void endLater(Canary canary, String why) {
        orders.add(new Order<>(
                "canary",
                Precedence.WAITS,
                () -> {
                    isSpent(canary);
                    return canaries.endFailed(canary, why);
                },
                new CompletableFuture<>()));
    }

    private void happen(AppEvent event) {
        switch (event) {
            case AppEvent.Asked(Order<?> order) -> orders.add(order);
            case AppEvent.Exited(Worker worker, ExitStatus status) -> exited(worker, status);
            case AppEvent.Gone(Worker worker, ExitStatus status) -> gone(worker, status);
            case AppEvent.Said(Worker worker, var message) -> conversations.said(worker, message);
            case AppEvent.ChannelClosed(Worker worker) -> worker.revokeAll();
            case AppEvent.Notified(Worker worker, var message) -> {
                if (conversations.notified(worker, message, specOf(worker))) {
                    instanceOf(worker).ifPresent(i -> apply(i, new LifeEvent.Withdrew(worker.id)));
                }
            }
            case AppEvent.Detected(Worker worker, Address.Tcp address) ->
                conversations.detected(worker, address, specOf(worker));
            case AppEvent.Warmed(Worker worker) -> worker.warmUp(Worker.WarmUp.DONE);
            case AppEvent.WatchdogDue(Worker worker, int signs) -> conversations.watchdogDue(worker, signs);
            case AppEvent.Life(Instance instance, LifeEvent life) -> apply(instance, life);
            case AppEvent.Occasioned(Occasion occasion) -> occasioned(occasion);
            case AppEvent.Nudge _ -> {
                // the flow that waits looks for itself
            }
        }
    }

    /// Empties the mailbox until `done`, an order that this gives way to, or the limit; the answer is `done`.
    private boolean waitFor(BooleanSupplier done, Duration limit, Predicate<Order<?>> givesWayTo)
            throws InterruptedException {
        publish();
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        while (!done.getAsBoolean()) {
            if (orders.stream().anyMatch(givesWayTo)) {
                return false;
            }
            long left = deadlineNanos - System.nanoTime();
            AppEvent event = left <= 0 ? null : mailbox.poll(left, TimeUnit.NANOSECONDS);
            if (event == null) {
                return done.getAsBoolean();
            }
            take(event);
        }
        return true;
    }

    /// Takes one step of an instance's life, and all that follows at once.
    private void apply(Instance instance, LifeEvent event) {
        Optional<Canary> canary = canaries.of(instance);
        AppSpec own = canary.map(c -> c.spec).orElse(spec);
        Lifecycle.Step step = Lifecycle.step(canary.map(Canary::rules).orElse(spec.restart()), instance.state, event);
        long before = instance.state.current();
        Phase phase = instance.state.phase();
        instance.state = step.state();
        if (instance.state.current() != before) {
            instance.current().ifPresent(worker -> workforce.writePidFile(own, worker));
        }
        if (phase == Phase.LAUNCHING
                && (instance.state.phase() == Phase.ONLINE || instance.state.phase() == Phase.READY)) {
            LOG.atInfo().addKeyValue("app", name).log("App [{}:{}] online", name, instance.pmId);
        }
        if (step.effects().stream().anyMatch(Effect.Drain.class::isInstance)) {
            // Whoever is to be drained must get nothing new from here on.
            admitReady();
        }
        for (Effect effect : step.effects()) {
            Path in = canary.map(c -> c.folder).orElse(folder);
            int number = canary.map(c -> c.generation).orElse(generation);
            effects.run(effect, instance, Placement.in(in, own), number).ifPresent(next -> apply(instance, next));
        }
    }

    /// Tells an instance's life how far its workers are.
    private void look(Instance instance) {
        AppSpec own = specOf(instance);
        instance.current().ifPresent(worker -> effects.warmUp(worker, instance, own));
        instance.candidate().ifPresent(worker -> effects.warmUp(worker, instance, own));
        instance.current().ifPresent(worker -> {
            if (Readiness.isUp(own, worker)) {
                apply(instance, new LifeEvent.CameUp(worker.id));
            }
            if (Readiness.isReady(own, worker) && !worker.withdrawn()) {
                apply(instance, new LifeEvent.BecameReady(worker.id));
            }
        });
        Optional<Worker> old = instance.current();
        Optional<Worker> fresh = instance.candidate();
        if (old.isPresent() && fresh.isPresent() && Readiness.coversDuties(own, fresh.get(), old.get())) {
            apply(instance, new LifeEvent.BecameReady(fresh.get().id));
        }
    }

    // --- flows ---------------------------------------------------------------------------------------------

    /// Starts those of `wanted` that have no worker, side by side; the answer is whether all of them came up.
    private boolean startInstances(List<Instance> wanted, Progress progress) throws InterruptedException {
        List<Instance> idle = wanted.stream().filter(i -> i.current().isEmpty()).toList();
        publish(); // no worker is there before its token is remembered
        listenProblem = "";
        if (!openFixedListener(progress)) {
            idle.forEach(i -> apply(i, new LifeEvent.SpawnFailed(Effect.Role.CURRENT)));
            return false;
        }
        generation++;
        if (idle.size() == instances.size()) {
            folder = Placement.now(spec);
        }
        for (Instance instance : idle) {
            begin(instance, new LifeEvent.Start());
        }
        boolean good = awaitStart(idle, progress);
        if (idle.size() == instances.size()) {
            history.prove(generation, spec, folder);
        }
        return good;
    }

    private void begin(Instance instance, LifeEvent event) {
        instance.createdAtMillis = System.currentTimeMillis();
        instance.lastReason = "";
        instance.lastWorker = Optional.empty();
        apply(instance, event);
        instance.restartsAtStart = instance.state.restarts();
        look(instance);
    }

    private boolean awaitStart(List<Instance> starting, Progress progress) throws InterruptedException {
        effects.after(spec.restart().minUptime(), new AppEvent.Nudge());
        boolean _ = waitFor(
                () -> !listenProblem.isEmpty() || starting.stream().allMatch(this::settled),
                spec.ready().limit(),
                Order::urgent);
        if (!listenProblem.isEmpty()) {
            String problem = listenProblem;
            stopInstances(starting, Progress.SILENT);
            closeUnusedListeners();
            progress.error(problem);
            return false;
        }
        boolean good = true;
        for (Instance instance : starting) {
            good &= reportStart(instance, progress);
        }
        return good;
    }

    private boolean settled(Instance instance) {
        return instance.failedToStart()
                || instance.current().map(w -> Readiness.settled(spec, w)).orElse(true);
    }

    private boolean reportStart(Instance instance, Progress progress) throws InterruptedException {
        String label = "App [" + name + ":" + instance.pmId + "] ";
        boolean endedWell = instance.state.phase() == Phase.ONE_LAUNCH && instance.exitCode.equals(Optional.of(0));
        if (instance.failedToStart() || instance.current().isEmpty() && !endedWell) {
            boolean ran = instance.lastWorker.isPresent();
            progress.error(ran ? label + "ended while it started: " + instance.lastExit : instance.lastExit);
            instance.lastWords(LAST_WORDS).forEach(line -> progress.error("  | " + line));
            return false;
        }
        if (instance.current().isPresent()
                && !Readiness.settled(spec, instance.current().get())) {
            progress.warn(label + "is not ready after " + spec.ready().limit().toMillis()
                    + " ms (listen_timeout); it gets requests once it is");
        }
        return true;
    }

    /// Whether with `other` somebody else listens: the edge instead of the program, or the other way round.
    private boolean listensOtherwise(AppSpec other) {
        return other.execMode() != spec.execMode()
                || other.program().node() != spec.program().node();
    }

    /// Stops everything, gives the ports back, and starts as `newSpec` says.
    private boolean beginAnew(AppSpec newSpec, Progress progress) throws InterruptedException {
        List<Instance> up =
                instances.stream().filter(i -> i.state.wanted() == Wanted.UP).toList();
        stopInstances(instances, Progress.SILENT);
        listeners.keepOnly(Set.of(), Set.of());
        adopt(newSpec, progress);
        boolean good = startInstances(up, progress);
        up.forEach(instance -> progress.info("[" + name + "](" + instance.pmId + ") " + (good ? "✓" : "✘")));
        return good;
    }

    /// Without a gap where the app can, else in place.
    private boolean renew(List<Instance> chosen, ReloadTerms terms, String reason, Progress progress)
            throws InterruptedException {
        return spec.execMode() == ExecMode.CLUSTER
                ? rollOver(chosen, terms, reason, progress)
                : restartInstances(chosen, progress);
    }

    /// One after the other: drain, stop, start, ready. Requests that meet no worker meanwhile wait at the edge.
    private boolean restartInstances(List<Instance> chosen, Progress progress) throws InterruptedException {
        listenProblem = "";
        if (!openFixedListener(progress)) {
            return false;
        }
        generation++;
        if (chosen.size() == instances.size()) {
            folder = Placement.now(spec);
        }
        boolean good = true;
        for (Instance instance : chosen) {
            boolean started = restartInstance(instance, progress);
            good &= started;
            if (started) {
                progress.info("[" + name + "](" + instance.pmId + ") ✓");
            } else if (urgent()) {
                return false;
            }
        }
        history.prove(generation, spec, folder);
        closeUnusedListeners();
        return good;
    }

    private boolean restartInstance(Instance instance, Progress progress) throws InterruptedException {
        return replaceInPlace(instance, new LifeEvent.Restart(), progress);
    }

    private boolean replaceInPlace(Instance instance, LifeEvent how, Progress progress) throws InterruptedException {
        begin(instance, how);
        return waitFor(() -> instance.state.phase() != Phase.STOPPING, FOREVER, Order::urgent)
                && awaitStart(List.of(instance), progress);
    }

    private boolean urgent() {
        return orders.stream().anyMatch(Order::urgent);
    }

    /// Ready, admit, drain, signal, and back to what was proven when it fails. The reason was said then.
    private boolean rollOver(List<Instance> chosen, ReloadTerms terms, String reason, Progress progress)
            throws InterruptedException {
        if (!openFixedListener(progress)) {
            return false;
        }
        generation++;
        Rollout rollout = new Rollout(name, stage, terms, reason, progress);
        try {
            switch (rollout.run(chosen)) {
                case Rollout.Outcome.Done _ -> {
                    history.prove(generation, spec, folder);
                    return true;
                }
                case Rollout.Outcome.Failed(String why) -> {
                    boolean goesBack = stage.cutShort().isEmpty();
                    adopt(history.proven().spec(), history.proven().folder(), progress);
                    if (goesBack) {
                        rollout.undo(chosen, worker -> worker.generation > history.provenGeneration());
                        chosen.forEach(instance -> instance.lastReason = why);
                    }
                    return false;
                }
            }
        } finally {
            rollout.finish();
            closeUnusedListeners();
        }
    }

    /// What a rollout sees of this owner.
    private final class OwnStage implements Rollout.Stage {
        @Override
        public AppSpec spec() {
            return spec;
        }

        @Override
        public void apply(Instance instance, LifeEvent event) {
            AppOwner.this.apply(instance, event);
        }

        @Override
        public void look(Instance instance) {
            AppOwner.this.look(instance);
        }

        @Override
        public boolean await(BooleanSupplier done, Duration limit) throws InterruptedException {
            return waitFor(done, limit, Order::cutsShort);
        }

        @Override
        public Optional<String> cutShort() {
            return orders.stream().filter(Order::cutsShort).findFirst().map(Order::reason);
        }

        @Override
        public boolean renewInPlace(List<Instance> some, Progress progress) throws InterruptedException {
            List<Instance> idle =
                    some.stream().filter(i -> i.current().isEmpty()).toList();
            boolean good = idle.isEmpty() || startInstances(idle, progress);
            for (Instance instance : some) {
                good &= idle.contains(instance) || replaceInPlace(instance, new LifeEvent.Renew(), progress);
            }
            return good;
        }

        @Override
        public void wakeAfter(Duration delay) {
            effects.after(delay, new AppEvent.Nudge());
        }
    }

    private void stopInstances(List<Instance> chosen, Progress progress) throws InterruptedException {
        chosen.forEach(instance -> apply(instance, new LifeEvent.Stop()));
        boolean _ = waitFor(() -> chosen.stream().allMatch(i -> i.state.gone()), FOREVER, NOBODY);
        chosen.forEach(instance -> progress.info("[" + name + "](" + instance.pmId + ") ✓"));
    }

    // --- steps ---------------------------------------------------------------------------------------------

    private List<Instance> addInstances(int count, InstanceState state) {
        List<Instance> added = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Instance instance = new Instance(pmIds.getAsInt(), lowestFreeNumber(), state);
            instances.add(instance);
            added.add(instance);
        }
        return added;
    }

    private int lowestFreeNumber() {
        Set<Integer> taken = new HashSet<>();
        everybody().forEach(i -> taken.add(i.number));
        int number = 0;
        while (taken.contains(number)) {
            number++;
        }
        return number;
    }

    private void adopt(Instance instance, AppRecord.InstanceRecord former, Progress progress) {
        ProcessTree.killMarked(former.nextToken());
        givenUp(former)
                .ifPresent(number -> progress.warn("[" + name + "](" + instance.pmId + ") the rollout of generation "
                        + number + " was under way when the daemon was killed: what served before goes on"));
        for (WorkerRecord record : former.workers()) {
            boolean wanted =
                    record.current() && instance.state.wanted() == Wanted.UP && instance.state.phase() == Phase.STOPPED;
            Optional<Worker> worker = wanted ? workforce.adopt(spec, instance, record, mailbox::add) : Optional.empty();
            if (worker.isPresent()) {
                instance.add(worker.get());
                goOn(worker.get());
                apply(instance, new LifeEvent.Adopted(worker.get().id));
                look(instance);
                progress.info("[" + name + "](" + instance.pmId + ") kept pid " + worker.get().pid);
            } else if (wanted && workforce.endedForGood(spec, record)) {
                instance.state = instance.state.endedForGood();
            } else {
                formers.end(record, spec.stop());
            }
        }
    }

    /// The generation that was coming when the record was written.
    private static Optional<Integer> givenUp(AppRecord.InstanceRecord former) {
        int serving = former.workers().stream()
                .filter(WorkerRecord::current)
                .mapToInt(WorkerRecord::generation)
                .max()
                .orElse(Integer.MAX_VALUE);
        return former.workers().stream()
                .map(WorkerRecord::generation)
                .filter(number -> number > serving)
                .findFirst();
    }

    private void endFormers() throws InterruptedException {
        long deadlineNanos = System.nanoTime() + spec.stop().limit().toNanos();
        while (!formers.gone() && System.nanoTime() < deadlineNanos) {
            boolean _ = waitFor(formers::gone, LOOK_EACH, NOBODY);
        }
        formers.kill(spec.stop());
    }

    private boolean openFixedListener(Progress progress) {
        if (spec.execMode() != ExecMode.CLUSTER
                || spec.program().node()
                || spec.port().isEmpty()) {
            return true;
        }
        try {
            Address _ = listeners.open(Address.anyInterface(spec.port().getAsInt()), 0);
            return true;
        } catch (AddressTaken e) {
            listenProblem = e.sentence();
            progress.error(listenProblem);
            return false;
        }
    }

    /// A worker that is still starting may ask for any of them, so nothing is closed then.
    private void closeUnusedListeners() {
        Collection<Worker> workers = everyWorker();
        boolean starting = instances.stream().anyMatch(i -> i.state.phase() == Phase.WAITING_RESTART)
                || workers.stream().anyMatch(w -> !w.serves());
        if (!starting) {
            Set<Address> used = new HashSet<>();
            Set<DatagramPlace> bound = new HashSet<>();
            workers.forEach(worker -> {
                used.addAll(worker.listensOn());
                bound.addAll(worker.boundTo());
            });
            listeners.keepOnly(used, bound);
        }
    }

    private void forget(Instance instance) {
        instances.remove(instance);
    }

    private void end() {
        closed = true;
        kept = Optional.empty();
        listeners.keepOnly(Set.of(), Set.of());
        journal.forget(name);
        onEnd.accept(this);
    }

    private void adopt(AppSpec newSpec, Progress progress) {
        adopt(newSpec, Placement.now(newSpec), progress);
    }

    private void adopt(AppSpec newSpec, Path in, Progress progress) {
        spec = newSpec;
        folder = in;
        version = AppVersion.of(newSpec);
        occasions.follow(spec, progress);
    }

    private List<Instance> chosen(Set<Integer> pmIds) {
        return instances.stream()
                .filter(i -> pmIds.isEmpty() || pmIds.contains(i.pmId))
                .toList();
    }

    /// As [#chosen], a canary's too.
    private List<Instance> addressed(Set<Integer> pmIds) {
        return everybody()
                .filter(i -> pmIds.isEmpty() || pmIds.contains(i.pmId))
                .toList();
    }

    /// The instances, and the places of canaries.
    private Stream<Instance> everybody() {
        return Stream.concat(instances.stream(), canaries.instances().stream());
    }

    /// What an instance is to run.
    private AppSpec specOf(Instance instance) {
        return canaries.of(instance).map(canary -> canary.spec).orElse(spec);
    }

    private AppSpec specOf(Worker worker) {
        return instanceOf(worker).map(this::specOf).orElse(spec);
    }

    private Collection<Worker> everyWorker() {
        List<Worker> all = new ArrayList<>();
        for (Instance instance : everybody().toList()) {
            instance.current().ifPresent(all::add);
            instance.candidate().ifPresent(all::add);
        }
        return all;
    }

    private Optional<Instance> instanceOf(Worker worker) {
        return everybody().filter(i -> i.has(worker)).findFirst();
    }

    // --- events --------------------------------------------------------------------------------------------

    /// A worker that was asked to end has ended when its children have too; those have as long as it had.
    private void exited(Worker worker, ExitStatus status) {
        worker.markExited(status);
        boolean asked = instanceOf(worker)
                .map(i -> i.state.leaving().get(worker.id) == Leaving.ASKED_TO_END)
                .orElse(false);
        if (asked && effects.awaitLeftovers(worker, status, spec.stop())) {
            return;
        }
        gone(worker, status);
    }

    private void gone(Worker worker, ExitStatus status) {
        Instance instance = instanceOf(worker).orElse(null);
        workforce.forget(instance == null ? spec : specOf(instance), worker);
        if (instance == null) {
            return;
        }
        LOG.atInfo()
                .addKeyValue("app", name)
                .addKeyValue("instance", instance.pmId)
                .addKeyValue("pid", worker.pid)
                .log("App [{}:{}] exited with {}", name, instance.pmId, status.text());
        if (instance.state.current() == worker.id) {
            instance.lastExit = status.text();
            instance.exitCode = Optional.of(status.shellCode());
            instance.lastWorker = Optional.of(worker);
        }
        instance.remove(worker);
        apply(
                instance,
                new LifeEvent.Exited(worker.id, status.shellCode(), worker.uptime(), System.currentTimeMillis()));
        if (instance.state.phase() != Phase.ONE_LAUNCH) {
            // A program that ended as it was meant to may have left a daemon behind on purpose.
            effects.endLeftovers(worker, spec.stop());
        }
        canaries.sweep();
        if (everybody().allMatch(i -> i.state.gone())) {
            // Nobody is coming: whoever connects is to see that at once.
            closeUnusedListeners();
        }
    }

    private void occasioned(Occasion occasion) {
        if (occasion.pmIds().stream().anyMatch(canaries::has)) {
            canaries.present().ifPresent(canary -> endLater(canary, occasion.reason()));
            return;
        }
        boolean up = chosen(occasion.pmIds()).stream().anyMatch(i -> i.state.wanted() == Wanted.UP);
        if (!up || occasionsWaiting.contains(occasion.pmIds())) {
            return;
        }
        if (!occasion.keep() && (busy || !orders.isEmpty())) {
            LOG.atWarn().addKeyValue("app", name).log("not restarted ({}): something else goes on", occasion.reason());
            return;
        }
        occasionsWaiting.add(occasion.pmIds());
        orders.add(new Order<>(occasion.reason(), Precedence.WAITS, () -> follow(occasion), new CompletableFuture<>()));
    }

    private static boolean isAbout(int pid, Instance instance) {
        return instance.current().filter(worker -> worker.pid == pid).isPresent();
    }

    private boolean follow(Occasion occasion) throws InterruptedException {
        occasionsWaiting.remove(occasion.pmIds());
        List<Instance> up = chosen(occasion.pmIds()).stream()
                .filter(i -> i.state.wanted() == Wanted.UP)
                .filter(i -> occasion.pid().isEmpty() || isAbout(occasion.pid().getAsInt(), i))
                .toList();
        if (up.isEmpty()) {
            return true;
        }
        LOG.atInfo().addKeyValue("app", name).log("App [{}] restarts: {}", name, occasion.reason());
        boolean done = renew(up, ReloadTerms.USUAL, occasion.reason(), Progress.logging(LOG));
        if (done) {
            up.forEach(instance -> instance.lastReason = occasion.reason());
        }
        return done;
    }

    // --- what others see -----------------------------------------------------------------------------------

    /// Brings the gate up to what is true now.
    private void admitReady() {
        Duration hold = spec.rollout().holdFor(spec.ready().limit(), spec.stop().limit());
        if (!hold.equals(held)) {
            held = hold;
            gate.hold(name, hold);
        }
        Set<Endpoint> ready = new HashSet<>();
        for (Instance instance : paused ? List.<Instance>of() : instances) {
            instance.admitted().ifPresent(worker -> ready.addAll(worker.endpoints(instance.number)));
        }
        Optional<Trial> onTrial = paused ? Optional.empty() : canaries.admit(ready);
        if (!ready.equals(admitted) || !onTrial.equals(trial)) {
            admitted = Set.copyOf(ready);
            trial = onTrial;
            gate.admit(name, admitted, trial);
        }
        boolean soon =
                paused || instances.isEmpty() || instances.stream().anyMatch(instance -> instance.state.promising());
        if (soon != expected) {
            expected = soon;
            gate.expect(name, soon);
        }
    }

    private AppSnapshot picture() {
        return AppSnapshot.of(
                spec,
                version,
                workforce.home(),
                instances,
                listeners.names(),
                occasions.watching(),
                paused,
                canaries,
                history.shown());
    }

    /// Brings the gate, the snapshot and the journal up to what is true now.
    private void publish() {
        admitReady();
        AppSnapshot before = snapshot;
        snapshot = picture();
        workforce.happened(before, snapshot);
        AppRecord record =
                AppRecord.of(spec, generation, instances, canaries.instances(), paused, history.generations());
        if (!closed && !instances.isEmpty() && (unwritten || !kept.equals(Optional.of(record)))) {
            kept = Optional.of(record);
            unwritten = !journal.keep(record);
            if (unwritten) {
                effects.after(WRITE_AGAIN, new AppEvent.Nudge());
            }
        }
    }
}
