package io.pm2j.supervisor.app;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.supervisor.app.Instance.Status;
import io.pm2j.supervisor.lifecycle.RestartPolicy;
import io.pm2j.supervisor.node.ClusterMember;
import io.pm2j.supervisor.node.NodeMessage;
import io.pm2j.supervisor.process.ExitStatus;
import io.pm2j.supervisor.process.Posix;
import io.pm2j.supervisor.process.ProcessTree;
import io.pm2j.supervisor.process.Signal;
import io.pm2j.supervisor.traffic.Drained;
import io.pm2j.supervisor.traffic.Endpoint;
import io.pm2j.supervisor.traffic.Reach;
import io.pm2j.supervisor.traffic.TrafficGate;
import io.pm2j.supervisor.traffic.TrafficGate.AddressTaken;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The single thread allowed to change an app: its instances, its workers, and who of them gets traffic.
///
/// ```
///   orders ──┐                       ┌─> Workforce   spawn, signal
///   exits ───┼─> mailbox ─> owner ───┼─> TrafficGate open, admit, awaitIdle
///   messages ┘   (virtual thread)    └─> snapshot    for ls
/// ```
/// A flow (start, stop, reload...) is straight-line code that runs on the owner's thread. Where it waits it goes
/// on emptying the mailbox, so that a worker that dies during a reload is replaced at once; orders that arrive
/// meanwhile wait their turn, and an urgent one (stop, delete) makes the waiting flow give up, old workers kept.
public final class AppOwner {
    private static final Logger LOG = LoggerFactory.getLogger(AppOwner.class);

    /// How long requests may take to finish on a worker that is replaced. edge.md calls it drain_timeout.
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(30);

    private static final Duration FOREVER = Duration.ofDays(365);
    private static final int LAST_WORDS = 15;
    private static final int EOPNOTSUPP = 95;

    private final AppName name;
    private final Workforce workforce;
    private final TrafficGate gate;
    private final IntSupplier pmIds;
    private final BlockingQueue<AppEvent> mailbox = new LinkedBlockingQueue<>();
    private final Deque<Order<?>> orders = new ArrayDeque<>();
    private final List<Instance> instances = new ArrayList<>();
    private final AppListeners listeners;
    /// Workers that are being replaced or stopped: they live, and get no new requests.
    private final Set<Worker> leaving = new HashSet<>();
    /// New workers of a reload, not yet in their instance.
    private final Set<Worker> candidates = new HashSet<>();

    private AppSpec spec;
    private int generation;
    private String listenProblem = "";
    private boolean closed;
    private volatile boolean ended;
    private volatile AppSnapshot snapshot;

    /// `pmIds` gives the next free pm id of the daemon.
    public AppOwner(AppSpec spec, Workforce workforce, TrafficGate gate, IntSupplier pmIds) {
        this.name = spec.name();
        this.spec = spec;
        this.workforce = workforce;
        this.gate = gate;
        this.listeners = new AppListeners(name, gate);
        this.pmIds = pmIds;
        this.snapshot = AppSnapshot.empty(spec);
        Thread.ofVirtual().name("pm2j-app-" + name).start(this::live);
    }

    /// A picture of the app; any thread.
    public AppSnapshot snapshot() {
        return snapshot;
    }

    // --- orders, from any thread ---------------------------------------------------------------------------

    /// Creates the instances of the spec and starts them. When it can have no listener, or nothing
    /// can be run, nothing is left of it and the owner ends.
    public CompletableFuture<Boolean> start(Progress progress) {
        return ask("start", false, () -> {
            addInstances(spec.instanceCount());
            boolean started = startInstances(instances, progress);
            boolean neverRan = instances.stream().allMatch(i -> i.worker.isEmpty() && i.lastWorker.isEmpty());
            if (!started && (neverRan || !listenProblem.isEmpty())) {
                List.copyOf(instances).forEach(this::forget);
                closed = true;
            }
            return started;
        });
    }

    /// Stops and starts instances in place, one after the other. `pmIds` empty means all.
    public CompletableFuture<Boolean> restart(Set<Integer> pmIds, Optional<AppSpec> newSpec, Progress progress) {
        return ask("restart", false, () -> {
            newSpec.ifPresent(this::adopt);
            return restartInstances(chosen(pmIds), progress);
        });
    }

    /// Replaces workers without a gap. `pmIds` empty means all.
    public CompletableFuture<Boolean> reload(Set<Integer> pmIds, Optional<AppSpec> newSpec, Progress progress) {
        return ask("reload", false, () -> {
            AppSpec before = spec;
            newSpec.ifPresent(this::adopt);
            boolean done = spec.execMode() == ExecMode.CLUSTER
                    ? rollOver(chosen(pmIds), progress)
                    : restartInstances(chosen(pmIds), progress);
            if (!done) {
                spec = before;
            }
            return done;
        });
    }

    public CompletableFuture<Boolean> stop(Set<Integer> pmIds, Progress progress) {
        return ask("stop", true, () -> {
            stopInstances(chosen(pmIds), progress);
            return true;
        });
    }

    /// Stops and forgets instances; the answer is whether the app has none left, and its owner has ended.
    public CompletableFuture<Boolean> delete(Set<Integer> pmIds, Progress progress) {
        return ask("delete", true, () -> {
            List<Instance> doomed = chosen(pmIds);
            stopInstances(doomed, progress);
            doomed.forEach(this::forget);
            closed = instances.isEmpty();
            publish();
            return closed;
        });
    }

    /// Makes the number of instances `count`, at least 1.
    public CompletableFuture<Boolean> scale(int count, Progress progress) {
        return ask("scale", false, () -> {
            spec = spec.withInstances(count);
            int missing = count - instances.size();
            if (missing > 0) {
                return startInstances(addInstances(missing), progress);
            }
            List<Instance> surplus = List.copyOf(instances.subList(count, instances.size()));
            stopInstances(surplus, progress);
            surplus.forEach(this::forget);
            publish();
            return true;
        });
    }

    private CompletableFuture<Boolean> ask(String what, boolean urgent, Order.Flow<Boolean> flow) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        Order<Boolean> order = new Order<>(what, urgent, flow, answer);
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
                    order.perform(this::publish);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("app", name).setCause(e).log("the owner of the app ended");
        } finally {
            ended = true;
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

    private void take(AppEvent event) {
        switch (event) {
            case AppEvent.Asked(Order<?> order) -> orders.add(order);
            case AppEvent.Exited(Worker worker, ExitStatus status) -> exited(worker, status);
            case AppEvent.Said(Worker worker, NodeMessage message) -> said(worker, message);
            case AppEvent.ChannelClosed(Worker worker) -> worker.revokeAll();
            case AppEvent.Detected(Worker worker, Address.Tcp address) -> detected(worker, address);
            case AppEvent.RestartDue(Instance instance, long ticket) -> restartDue(instance, ticket);
            case AppEvent.Nudge _ -> {
                // the flow that waits looks for itself
            }
        }
        publish();
    }

    /// Empties the mailbox until `done`, an urgent order, or the limit; the answer is `done`.
    private boolean waitFor(BooleanSupplier done, Duration limit, boolean yieldToUrgent) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        while (!done.getAsBoolean()) {
            if (yieldToUrgent && orders.stream().anyMatch(Order::urgent)) {
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

    /// Nudges the owner after `delay`, so that a wait on the passing of time looks again.
    private void nudgeAfter(Duration delay) {
        CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> mailbox.add(new AppEvent.Nudge()));
    }

    // --- flows ---------------------------------------------------------------------------------------------

    /// Starts those of `wanted` that have no worker, side by side; the answer is whether all of them came up.
    private boolean startInstances(List<Instance> wanted, Progress progress) throws InterruptedException {
        List<Instance> idle = wanted.stream().filter(i -> i.worker.isEmpty()).toList();
        listenProblem = "";
        if (!openFixedListener(progress)) {
            idle.forEach(i -> i.status = Status.ERRORED);
            return false;
        }
        generation++;
        for (Instance instance : idle) {
            instance.createdAtMillis = System.currentTimeMillis();
            instance.unstable = 0;
            instance.restartsAtStart = instance.restarts;
            launch(instance, progress);
        }
        nudgeAfter(spec.minUptime());
        boolean _ = waitFor(
                () -> !listenProblem.isEmpty() || idle.stream().allMatch(i -> settled(i)), spec.listenTimeout(), true);
        if (!listenProblem.isEmpty()) {
            String problem = listenProblem;
            stopInstances(idle, Progress.SILENT);
            progress.error(problem);
            return false;
        }
        boolean good = true;
        for (Instance instance : idle) {
            good &= reportStart(instance, progress);
        }
        return good;
    }

    private boolean settled(Instance instance) {
        return instance.restarts > instance.restartsAtStart
                || instance.worker.map(w -> Readiness.settled(spec, w)).orElse(true);
    }

    private boolean reportStart(Instance instance, Progress progress) throws InterruptedException {
        String label = "App [" + name + ":" + instance.pmId + "] ";
        boolean wantedToEnd = !spec.autorestart() && instance.exitCode.equals(Optional.of(0));
        if (instance.restarts > instance.restartsAtStart || instance.worker.isEmpty() && !wantedToEnd) {
            progress.error(label + "ended while it started: " + instance.lastExit);
            instance.lastWords(LAST_WORDS).forEach(line -> progress.error("  | " + line));
            return false;
        }
        if (instance.worker.isPresent() && !Readiness.settled(spec, instance.worker.get())) {
            progress.warn(label + "is not ready after " + spec.listenTimeout().toMillis()
                    + " ms (listen_timeout); it gets requests once it is");
        }
        return true;
    }

    /// One after the other: drain, stop, start, ready. Requests that meet no worker meanwhile wait at the edge.
    private boolean restartInstances(List<Instance> chosen, Progress progress) throws InterruptedException {
        boolean good = true;
        for (Instance instance : chosen) {
            stopInstances(List.of(instance), Progress.SILENT, false);
            instance.restarts++;
            boolean started = startInstances(List.of(instance), progress);
            good &= started;
            if (started) {
                progress.info("[" + name + "](" + instance.pmId + ") ✓");
            }
        }
        closeUnusedListeners();
        return good;
    }

    /// Ready, admit, drain, signal: one worker at a time. The old worker is kept when the new one never gets ready.
    private boolean rollOver(List<Instance> chosen, Progress progress) throws InterruptedException {
        if (!openFixedListener(progress)) {
            return false;
        }
        generation++;
        for (Instance instance : chosen) {
            if (instance.worker.isEmpty()) {
                if (!startInstances(List.of(instance), progress)) {
                    return false;
                }
            } else if (!replace(instance, instance.worker.get(), progress)) {
                return false;
            }
            progress.info("[" + name + "](" + instance.pmId + ") ✓");
        }
        closeUnusedListeners();
        return true;
    }

    private boolean replace(Instance instance, Worker old, Progress progress) throws InterruptedException {
        Worker fresh;
        try {
            fresh = workforce.start(spec, instance, generation, mailbox::add);
        } catch (IOException e) {
            progress.error(kept(instance) + sentence(e));
            return false;
        }
        candidates.add(fresh);
        markUpIfNothingElseTells(fresh);
        try {
            boolean _ = waitFor(
                    () -> fresh.exited() || Readiness.coversDuties(spec, fresh, old), spec.listenTimeout(), true);
            if (!Readiness.isReady(spec, fresh) && !Readiness.coversDuties(spec, fresh, old)) {
                progress.error(kept(instance) + whyNotReady(fresh));
                fresh.lastWords(LAST_WORDS).forEach(line -> progress.error("  | " + line));
                candidates.remove(fresh);
                endAll(List.of(fresh), spec.killTimeout());
                return false;
            }
            candidates.remove(fresh);
            instance.worker = Optional.of(fresh);
            instance.status = Status.ONLINE;
            instance.restarts++;
            instance.unstable = 0;
            workforce.writePidFile(name, fresh);
            instance.createdAtMillis = System.currentTimeMillis();
            retire(List.of(old), DRAIN_LIMIT);
            return true;
        } finally {
            candidates.remove(fresh);
        }
    }

    private String kept(Instance instance) {
        return "App [" + name + ":" + instance.pmId + "] was not reloaded, the old worker goes on serving: ";
    }

    private String whyNotReady(Worker worker) {
        return worker.exit()
                .map(status -> "the new one ended with " + status.text() + " before it was ready")
                .orElseGet(() -> orders.stream().anyMatch(Order::urgent)
                        ? "another command came in between"
                        : "the new one was not ready within "
                                + spec.listenTimeout().toMillis() + " ms (listen_timeout)");
    }

    private void stopInstances(List<Instance> chosen, Progress progress) throws InterruptedException {
        stopInstances(chosen, progress, true);
    }

    private void stopInstances(List<Instance> chosen, Progress progress, boolean closeListeners)
            throws InterruptedException {
        List<Worker> workers = new ArrayList<>();
        for (Instance instance : chosen) {
            instance.restartTicket++;
            instance.worker.ifPresent(worker -> {
                workers.add(worker);
                instance.status = Status.STOPPING;
            });
        }
        retire(workers, spec.killTimeout());
        for (Instance instance : chosen) {
            instance.worker = Optional.empty();
            instance.status = Status.STOPPED;
            progress.info("[" + name + "](" + instance.pmId + ") ✓");
        }
        if (closeListeners) {
            closeUnusedListeners();
        }
    }

    /// Takes workers out of traffic, waits until nothing is in flight on them, then ends them.
    private void retire(List<Worker> workers, Duration drainLimit) throws InterruptedException {
        leaving.addAll(workers);
        publish();
        List<Worker> busy =
                workers.stream().filter(w -> !w.listensOn().isEmpty()).toList();
        Map<Worker, Drained> drained = new HashMap<>();
        for (Worker worker : busy) {
            Thread.ofVirtual().name("pm2j-drain-" + worker.pid).start(() -> drain(worker, drainLimit, drained));
        }
        boolean _ = waitFor(
                () -> busy.stream().allMatch(w -> w.exited() || isIn(drained, w)), drainLimit.plusSeconds(1), true);
        endAll(workers, spec.killTimeout());
        workers.forEach(leaving::remove);
    }

    private void drain(Worker worker, Duration limit, Map<Worker, Drained> drained) {
        try {
            Drained outcome = gate.awaitIdle(name, worker.id, limit);
            synchronized (drained) {
                drained.put(worker, outcome);
            }
            if (outcome instanceof Drained.TimedOut(int inFlight)) {
                LOG.atWarn()
                        .addKeyValue("app", name)
                        .addKeyValue("pid", worker.pid)
                        .addKeyValue("inFlight", inFlight)
                        .log("the worker is stopped with requests in flight: they took longer than {}", limit);
            }
            mailbox.add(new AppEvent.Nudge());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isIn(Map<Worker, Drained> drained, Worker worker) {
        synchronized (drained) {
            return drained.containsKey(worker);
        }
    }

    /// SIGINT to each whole tree, SIGKILL to what is left after `killTimeout`. PM2: Methods.js killProcess.
    private void endAll(Collection<Worker> workers, Duration killTimeout) throws InterruptedException {
        BooleanSupplier ended = () -> workers.stream().allMatch(Worker::exited);
        for (Worker worker : workers) {
            if (!worker.exited()) {
                ProcessTree.signal(worker.pid, Signal.SIGINT);
            }
        }
        if (!waitFor(ended, killTimeout, false)) {
            for (Worker worker : workers) {
                if (!worker.exited()) {
                    LOG.atInfo()
                            .addKeyValue("app", name)
                            .addKeyValue("pid", worker.pid)
                            .log("kill timeout: SIGKILL");
                    ProcessTree.signal(worker.pid, Signal.SIGKILL);
                }
            }
            boolean _ = waitFor(ended, FOREVER, false);
        }
        // What left its parent but not its session goes as well.
        workers.forEach(worker -> ProcessTree.killLeftovers(worker.pid));
    }

    // --- steps ---------------------------------------------------------------------------------------------

    private List<Instance> addInstances(int count) {
        List<Instance> added = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Instance instance = new Instance(pmIds.getAsInt(), lowestFreeNumber());
            instances.add(instance);
            added.add(instance);
        }
        return added;
    }

    private int lowestFreeNumber() {
        Set<Integer> taken = new HashSet<>();
        instances.forEach(i -> taken.add(i.number));
        int number = 0;
        while (taken.contains(number)) {
            number++;
        }
        return number;
    }

    private void launch(Instance instance, Progress progress) {
        try {
            Worker worker = workforce.start(spec, instance, generation, mailbox::add);
            instance.worker = Optional.of(worker);
            instance.status = Status.LAUNCHING;
            workforce.writePidFile(name, worker);
            markUpIfNothingElseTells(worker);
            if (worker.up() && !spec.waitReady()) {
                instance.status = Status.ONLINE;
            }
            LOG.atInfo()
                    .addKeyValue("app", name)
                    .addKeyValue("instance", instance.pmId)
                    .addKeyValue("pid", worker.pid)
                    .log(
                            "App [{}:{}] starting in -{}-",
                            name,
                            instance.pmId,
                            spec.execMode().pm2Text());
        } catch (IOException e) {
            instance.status = Status.ERRORED;
            instance.lastExit = sentence(e);
            instance.exitCode = Optional.of(1);
            progress.error(sentence(e));
        }
    }

    /// PM2: a fork-mode process is online as soon as it is spawned.
    private void markUpIfNothingElseTells(Worker worker) {
        if (worker.member.isEmpty()) {
            worker.markUp();
        }
    }

    private boolean openFixedListener(Progress progress) {
        if (spec.execMode() != ExecMode.CLUSTER || spec.node() || spec.port().isEmpty()) {
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
        boolean starting = instances.stream().anyMatch(i -> i.status == Status.WAITING_RESTART)
                || everyWorker().stream().anyMatch(w -> w.listensOn().isEmpty());
        if (!starting) {
            Set<Address> used = new HashSet<>();
            everyWorker().forEach(worker -> used.addAll(worker.listensOn()));
            listeners.keepOnly(used);
        }
    }

    private void forget(Instance instance) {
        instances.remove(instance);
        workforce.closeLogs(spec, instance);
    }

    private void adopt(AppSpec newSpec) {
        spec = newSpec;
    }

    private List<Instance> chosen(Set<Integer> pmIds) {
        return instances.stream()
                .filter(i -> pmIds.isEmpty() || pmIds.contains(i.pmId))
                .toList();
    }

    private List<Worker> everyWorker() {
        List<Worker> all = new ArrayList<>(candidates);
        instances.forEach(i -> i.worker.ifPresent(all::add));
        return all;
    }

    // --- events --------------------------------------------------------------------------------------------

    private void said(Worker worker, NodeMessage message) {
        try {
            switch (message) {
                case NodeMessage.Online _ -> worker.markUp();
                case NodeMessage.Ready _ -> worker.markReady();
                case NodeMessage.QueryServer query -> listenAsked(worker, query);
                case NodeMessage.Listening(String host, int port) ->
                    listeners.meant(host, port).forEach(worker::markListening);
                case NodeMessage.ServerClosed(String key) -> worker.revoke(key);
                case NodeMessage.ExitedAfterDisconnect(long sequence) -> {
                    if (worker.member.isPresent()) {
                        worker.member.get().acknowledge(sequence);
                    }
                }
                case NodeMessage.FromProgram _, NodeMessage.Housekeeping _ -> {
                    // nobody listens to these yet
                }
            }
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("app", name)
                    .addKeyValue("pid", worker.pid)
                    .setCause(e)
                    .log("cannot answer");
        }
        for (Instance instance : instances) {
            if (instance.runs(worker) && instance.status == Status.LAUNCHING) {
                if (spec.waitReady() ? worker.saidReady() : worker.up()) {
                    instance.status = Status.ONLINE;
                    LOG.atInfo().addKeyValue("app", name).log("App [{}:{}] online", name, instance.pmId);
                }
            }
        }
    }

    private void listenAsked(Worker worker, NodeMessage.QueryServer query) throws IOException {
        ClusterMember member = worker.member.orElse(null);
        if (member == null) {
            return;
        }
        if (query.fd() >= 0 || query.addressType().startsWith("udp")) {
            LOG.atWarn()
                    .addKeyValue("app", name)
                    .log("listening on an inherited descriptor or on UDP is not supported");
            member.refuse(query, EOPNOTSUPP);
            return;
        }
        try {
            Address open = listeners.open(AppListeners.wanted(query.address(), query.port()), query.index());
            if (worker.holds(open)) {
                member.refuse(query, Posix.EADDRINUSE);
                return;
            }
            String key = open + "#" + query.index();
            worker.grant(key, open, new Reach.Handed(member.handover(key)));
            member.grant(query, key, open, listeners.sharedData(open, query.data()));
        } catch (AddressTaken e) {
            listenProblem = e.sentence();
            LOG.atError().addKeyValue("app", name).log(listenProblem);
            member.refuse(query, e.errno());
        }
    }

    private void detected(Worker worker, Address.Tcp address) {
        for (Address listener : listeners.all()) {
            worker.grant("private", listener, new Reach.At(address));
            worker.markListening(listener);
        }
    }

    private void exited(Worker worker, ExitStatus status) {
        worker.markExited(status);
        workforce.forget(name, worker);
        for (Instance instance : instances) {
            if (instance.runs(worker)) {
                instance.lastExit = status.text();
                instance.exitCode = Optional.of(status.shellCode());
                LOG.atInfo()
                        .addKeyValue("app", name)
                        .addKeyValue("instance", instance.pmId)
                        .addKeyValue("pid", worker.pid)
                        .log("App [{}:{}] exited with {}", name, instance.pmId, status.text());
                instance.lastWorker = Optional.of(worker);
                if (!leaving.contains(worker)) {
                    instance.worker = Optional.empty();
                    unexpectedEnd(instance, worker);
                }
            }
        }
    }

    private void unexpectedEnd(Instance instance, Worker worker) {
        RestartPolicy policy =
                new RestartPolicy(spec.autorestart(), spec.minUptime(), spec.maxRestarts(), spec.restartDelay());
        switch (policy.afterExit(worker.uptime(), instance.unstable)) {
            case RestartPolicy.Decision.Stay _ -> instance.status = Status.STOPPED;
            case RestartPolicy.Decision.GiveUp(int unstable) -> {
                instance.unstable = unstable;
                instance.status = Status.ERRORED;
                LOG.atError()
                        .addKeyValue("app", name)
                        .log(
                                "App [{}:{}] had too many unstable restarts ({}). Stopped. \"errored\"",
                                name,
                                instance.pmId,
                                unstable);
            }
            case RestartPolicy.Decision.Restart(Duration after, int unstable) -> {
                instance.unstable = unstable;
                instance.restarts++;
                if (after.isZero()) {
                    launch(instance, Progress.SILENT);
                } else {
                    instance.status = Status.WAITING_RESTART;
                    long ticket = ++instance.restartTicket;
                    CompletableFuture.delayedExecutor(after.toMillis(), TimeUnit.MILLISECONDS)
                            .execute(() -> mailbox.add(new AppEvent.RestartDue(instance, ticket)));
                }
            }
        }
    }

    private void restartDue(Instance instance, long ticket) {
        if (instance.status == Status.WAITING_RESTART && instance.restartTicket == ticket) {
            launch(instance, Progress.SILENT);
        }
    }

    // --- what others see -----------------------------------------------------------------------------------

    private Set<Endpoint> admitted = Set.of();

    /// Brings the gate and the snapshot up to what is true now.
    private void publish() {
        Set<Endpoint> ready = new HashSet<>();
        for (Instance instance : instances) {
            instance.worker
                    .filter(w -> !leaving.contains(w) && Readiness.isReady(spec, w))
                    .ifPresent(w -> ready.addAll(w.endpoints()));
        }
        if (!ready.equals(admitted)) {
            admitted = Set.copyOf(ready);
            gate.admit(name, admitted);
        }
        snapshot = AppSnapshot.of(spec, workforce.home(), instances, listeners.all());
    }

    private static String sentence(Exception problem) {
        return String.valueOf(problem.getMessage());
    }
}
