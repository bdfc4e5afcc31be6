package io.pm2j.supervisor.app;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.lifecycle.LifeEvent;
import io.pm2j.supervisor.lifecycle.Phase;
import io.pm2j.supervisor.traffic.Endpoint;
import io.pm2j.supervisor.traffic.Share;
import io.pm2j.supervisor.traffic.TrafficGate;
import io.pm2j.supervisor.traffic.Trial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The canary of an app, and what is left of former ones; flows on the owner's thread.
///
/// ```
///   begin: spawn ─> ready ─> admitted with its share ─> bake ─> open ─┬─> share: another share
///            │                                          │             ├─> end (promoted, aborted, failed)
///            └──────────── failed: end ─────────────────┘             └─> drain, signal
/// ```
/// Its places are not those of the app: they come beside them and go again, and no old worker is touched.
final class Canaries {
    private static final Logger LOG = LoggerFactory.getLogger(Canaries.class);
    private static final Duration FOREVER = Duration.ofDays(365);
    private static final Duration LOOK_EACH = Duration.ofMillis(500);
    private static final int LAST_WORDS = 15;

    private final AppName name;
    private final Rollout.Stage stage;
    private final TrafficGate gate;
    private final Supplier<Instance> places;
    private final List<Canary> parting = new ArrayList<>();
    private Optional<Canary> present = Optional.empty();
    private String ended = "";
    private long lookAgainNanos;

    /// `places` makes a new place for each call.
    Canaries(AppName name, Rollout.Stage stage, TrafficGate gate, Supplier<Instance> places) {
        this.name = name;
        this.stage = stage;
        this.gate = gate;
        this.places = places;
    }

    Optional<Canary> present() {
        return present;
    }

    /// Why the last one ended by itself; empty when it did not.
    String ended() {
        return ended;
    }

    /// Nobody wants to know any more.
    void forgetEnd() {
        ended = "";
    }

    /// The places of all that are there.
    List<Instance> instances() {
        return all().flatMap(canary -> canary.instances.stream()).toList();
    }

    /// The places of those that are on their way out.
    List<Instance> former() {
        return parting.stream().flatMap(canary -> canary.instances.stream()).toList();
    }

    private Stream<Canary> all() {
        return Stream.concat(present.stream(), parting.stream());
    }

    /// The canary whose place that is.
    Optional<Canary> of(Instance instance) {
        return all().filter(canary -> canary.instances.contains(instance)).findFirst();
    }

    /// Whether that id is one of the present canary's.
    boolean has(int pmId) {
        return present.stream().flatMap(c -> c.instances.stream()).anyMatch(i -> i.pmId == pmId);
    }

    /// Why nothing else may be done to the app meanwhile.
    Optional<String> objection() {
        return present.map(canary -> "App [" + name + "] has an open canary (generation " + canary.generation + ", "
                + canary.share() + "; expected: pm2j promote " + name + ", or pm2j abort " + name + " before)");
    }

    /// Adds what it serves at to `ready`, and says what it gets.
    Optional<Trial> admit(Set<Endpoint> ready) {
        if (present.isEmpty() || !present.get().open) {
            return Optional.empty();
        }
        Set<Long> workers = new HashSet<>();
        for (Instance instance : present.get().instances) {
            instance.admitted().ifPresent(worker -> {
                workers.add(worker.id);
                ready.addAll(worker.endpoints(instance.number));
            });
        }
        return Optional.of(new Trial(workers, present.get().share()));
    }

    // --- flows -----------------------------------------------------------------------------------------------

    /// Starts a canary beside `old`, proves it, and lets it have its share. When it fails nothing is left of it.
    boolean begin(Canary canary, List<Instance> old, Progress progress) throws InterruptedException {
        present = Optional.of(canary);
        ended = "";
        int wanted = Canary.workers(canary.share(), old.size());
        Optional<String> failure = grow(canary, wanted, old);
        if (failure.isEmpty()) {
            canary.open = true;
            failure = bake(canary);
        }
        if (failure.isPresent()) {
            tell(canary, failure.get(), progress);
            end();
            return false;
        }
        canary.alone = true;
        canary.instances.forEach(i -> progress.info("[" + name + "](" + i.pmId + ") canary ✓"));
        progress.info("The canary of " + name + " (generation " + canary.generation + ") gets " + canary.share()
                + ": pm2j promote " + name + ", or pm2j abort " + name);
        return true;
    }

    /// Gives the canary another share, by as many workers as that needs. When they do not come up all stays
    /// as it is.
    boolean share(Canary canary, Share.Percent share, List<Instance> old, Progress progress)
            throws InterruptedException {
        int wanted = Canary.workers(share, old.size());
        canary.alone = false;
        Optional<String> failure = grow(canary, wanted, old);
        canary.alone = true;
        if (failure.isPresent()) {
            tell(canary, failure.get(), progress);
            stop(canary, List.copyOf(canary.instances), i -> i.state.phase() != Phase.READY);
            if (canary.instances.isEmpty()) {
                end();
            }
            return false;
        }
        canary.share(share);
        stop(canary, canary.instances.subList(wanted, canary.instances.size()), _ -> true);
        progress.info("The canary of " + name + " (generation " + canary.generation + ") gets " + share);
        return true;
    }

    /// Drains what is there of it and stops it; the app's other workers have everything from now on.
    /// Streams are not waited for.
    void end() throws InterruptedException {
        if (present.isEmpty()) {
            return;
        }
        Canary canary = present.get();
        leave(canary);
        canary.instances.forEach(instance -> stage.apply(instance, new LifeEvent.Retire()));
        boolean _ = stage.await(() -> canary.instances.stream().noneMatch(Instance::busy), FOREVER);
        sweep();
    }

    /// It is none any more, and its workers are on their way out.
    void leave(Canary canary) {
        canary.open = false;
        present = Optional.empty();
        parting.add(canary);
    }

    /// Ends it because it failed, if it is still there.
    boolean endFailed(Canary canary, String why) throws InterruptedException {
        if (!present.equals(Optional.of(canary))) {
            return true;
        }
        end();
        ended = "generation " + canary.generation + ": " + why;
        return true;
    }

    private void stop(Canary canary, List<Instance> some, java.util.function.Predicate<Instance> which) {
        List<Instance> surplus = some.stream().filter(which).toList();
        if (surplus.isEmpty()) {
            return;
        }
        Canary former = new Canary(canary.spec, canary.folder, canary.generation, canary.terms, canary.share());
        former.instances.addAll(surplus);
        canary.instances.removeAll(surplus);
        parting.add(former);
        surplus.forEach(instance -> stage.apply(instance, new LifeEvent.Retire()));
        sweep();
    }

    /// @return why it did not work
    private Optional<String> grow(Canary canary, int wanted, List<Instance> old) throws InterruptedException {
        List<Instance> added = new ArrayList<>();
        while (canary.instances.size() < wanted) {
            Instance instance = places.get();
            canary.instances.add(instance);
            added.add(instance);
        }
        // The journal knows their marks before there is a process that bears one.
        boolean _ = stage.await(() -> true, Duration.ZERO);
        for (Instance instance : added) {
            stage.apply(instance, new LifeEvent.Start());
            stage.look(instance);
        }
        boolean _ = stage.await(
                () -> failed(added).isPresent() || added.stream().allMatch(i -> covers(canary.spec, i, old)),
                canary.spec.ready().limit());
        return failed(added).or(() -> notReady(canary.spec, added));
    }

    private static Optional<Instance> ended(List<Instance> some) {
        return some.stream().filter(i -> i.current().isEmpty()).findFirst();
    }

    private static Optional<String> failed(List<Instance> added) {
        return ended(added).map(i -> "it ended before it was ready: " + i.lastExit);
    }

    private Optional<String> notReady(AppSpec spec, List<Instance> added) {
        return added.stream()
                .filter(i -> i.state.phase() != Phase.READY)
                .flatMap(i -> i.current().stream())
                .findFirst()
                .map(worker -> stage.cutShort()
                        .orElseGet(() -> "it was not ready within "
                                + spec.ready().limit().toMillis() + " ms (listen_timeout)" + worker.cold()));
    }

    private static boolean covers(AppSpec spec, Instance fresh, List<Instance> old) {
        Optional<Worker> one = old.stream().flatMap(i -> i.admitted().stream()).findFirst();
        return fresh.state.phase() == Phase.READY
                && fresh.current()
                        .map(worker -> one.isEmpty() || Readiness.coversDuties(spec, worker, one.get()))
                        .orElse(false);
    }

    private Optional<String> bake(Canary canary) throws InterruptedException {
        Duration window = canary.terms.force()
                ? Duration.ZERO
                : canary.spec.rollout().bake().orElse(canary.spec.restart().minUptime());
        boolean _ = stage.await(() -> canary.failure().isPresent(), window);
        return canary.failure().or(stage::cutShort);
    }

    private void tell(Canary canary, String why, Progress progress) throws InterruptedException {
        progress.error("App [" + name + "] has no canary, the old workers have all requests: " + why);
        for (Instance instance : canary.instances) {
            Optional<Worker> last = instance.current().or(() -> instance.lastWorker);
            if (last.isPresent() && instance.state.phase() != Phase.READY) {
                last.get().lastWords(LAST_WORDS).forEach(line -> progress.error("  | " + line));
                return;
            }
        }
    }

    // --- between flows ---------------------------------------------------------------------------------------

    /// Why the canary that is open has to end, when it has to.
    Optional<String> trouble() {
        if (present.isEmpty() || !present.get().alone) {
            return Optional.empty();
        }
        Canary canary = present.get();
        Optional<String> why = canary.failure().or(() -> unwell(canary));
        why.ifPresent(sentence -> {
            canary.alone = false;
            LOG.atError().addKeyValue("app", name).log("the canary of App [{}] is aborted: {}", name, sentence);
        });
        return why;
    }

    private Optional<String> unwell(Canary canary) {
        long now = System.nanoTime();
        if (now - lookAgainNanos < 0) {
            return Optional.empty();
        }
        lookAgainNanos = now + LOOK_EACH.toNanos();
        stage.wakeAfter(LOOK_EACH);
        return canary.instances.stream()
                .flatMap(instance -> instance.admitted().stream())
                .filter(worker -> gate.isUnwell(name, worker.id))
                .findFirst()
                .map(worker -> "requests or health checks fail at its worker, pid " + worker.pid);
    }

    /// Lets go of places whose workers are gone.
    void sweep() {
        parting.forEach(canary -> canary.instances.removeIf(instance -> instance.state.gone()));
        parting.removeIf(canary -> canary.instances.isEmpty());
    }
}
