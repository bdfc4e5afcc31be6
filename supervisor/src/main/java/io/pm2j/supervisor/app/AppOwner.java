package io.pm2j.supervisor.app;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.config.spec.LogSpec;
import io.pm2j.supervisor.app.Order.Precedence;
import io.pm2j.supervisor.app.Succession.Handing;
import io.pm2j.supervisor.lifecycle.LifeEvent;
import io.pm2j.supervisor.lifecycle.Phase;
import io.pm2j.supervisor.lifecycle.Wanted;
import io.pm2j.supervisor.process.ExitStatus;
import io.pm2j.supervisor.process.ProcessTree;
import io.pm2j.supervisor.process.Signal;
import io.pm2j.supervisor.process.StandardInput;
import io.pm2j.supervisor.traffic.TrafficGate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

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
///
/// Here is what may be asked, and how the parts hang together. [Turns] has the thread, [Edition] what is to run,
/// [Places]
/// where, [Lives] each instance's steps; [InPlace], [Reloads] and [CanaryFlow] are the flows; [Admission] and
/// [Publication] are what others see of it.
public final class AppOwner {
    private static final Duration WRITE_AGAIN = Duration.ofSeconds(2);

    private final AppName name;
    private final Workforce workforce;
    private final Consumer<AppOwner> onEnd;

    private final Turns turns;
    private final Occasions occasions;
    private final Edition edition;
    private final Places places;
    private final AppListeners listeners;
    private final EffectRunner effects;
    private final Conversations conversations;
    private final Canaries canaries;
    private final Admission admission;
    private final Publication publication;

    private final Lives lives;
    private final InPlace inPlace;
    private final Reloads reloads;
    private final CanaryFlow canaryFlow;
    private final OfItself ofItself;
    private final Succession succession;

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
        this.name = record.spec().name();
        this.workforce = workforce;
        this.onEnd = onEnd;
        Rollout.Stage stage = new OwnStage();
        this.turns = new Turns(name, this::take, this::publish);
        this.occasions =
                new Occasions(workforce.home().root(), occasion -> turns.tell(new AppEvent.Occasioned(occasion)));
        this.edition = new Edition(record, occasions);
        this.listeners = new AppListeners(name, gate, workforce.keeper());
        this.effects = new EffectRunner(name, workforce, gate, turns::tell);
        this.conversations = new Conversations(name, listeners, effects, listeners::cannotBeHad, this::note);
        this.canaries = new Canaries(name, stage, gate, this::placeBeside);
        this.places = new Places(record, edition, canaries, pmIds);
        this.admission = new Admission(name, gate, edition, places, canaries, record.paused());
        this.publication = new Publication(record, workforce, journal, edition, places, canaries, listeners, admission);
        this.lives = new Lives(name, workforce, edition, places, admission, effects);
        this.inPlace = new InPlace(name, turns, edition, places, listeners, lives, effects);
        this.reloads = new Reloads(name, stage, edition, places, listeners, inPlace);
        this.ofItself = new OfItself(name, turns, places, canaries, reloads);
        this.canaryFlow = new CanaryFlow(name, turns, edition, places, canaries, listeners, inPlace, reloads, ofItself);
        this.succession = new Succession(name, workforce, turns, edition, places, listeners, lives);
        Thread.ofVirtual().name("pm2j-app-" + name).start(this::live);
    }

    private Instance placeBeside() {
        return places.beside();
    }

    /// A picture of the app; any thread.
    public AppSnapshot snapshot() {
        return publication.snapshot();
    }

    // --- orders, from any thread ---------------------------------------------------------------------------

    /// Starts the instances, unless the spec says not yet. When it can have no listener, or nothing can be run, nothing
    /// is left of it and the owner ends.
    public CompletableFuture<Boolean> start(Progress progress) {
        return ask("start", Precedence.WAITS, () -> {
            edition.follow(progress);
            if (!edition.spec().autostart()) {
                return true;
            }
            boolean started = inPlace.start(places.instances(), progress);
            boolean neverRan = places.instances().stream().allMatch(i -> i.state.gone() && i.lastWorker.isEmpty());
            if (!started && (neverRan || !listeners.problem().isEmpty())) {
                List.copyOf(places.instances()).forEach(places::forget);
                end();
            }
            return started;
        });
    }

    /// Takes up what a former daemon had: keeps the workers that live and can be kept, and has the others end. Quick;
    /// [#startMissing] does the rest.
    public CompletableFuture<Boolean> takeUp(AppRecord record, Progress progress) {
        return ask("take up", Precedence.WAITS, () -> {
            succession.takeUp(record, progress);
            edition.follow(progress);
            boolean open = listeners.openFixed(edition.spec(), progress);
            // Those that serve have their traffic when this is answered.
            turns.takeWhatCame();
            return open;
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
            turns.takeWhatCame();
            Handing handing = succession.handing();
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

    /// Starts what is wanted and was not kept, once nothing of its predecessors is left.
    public CompletableFuture<Boolean> startMissing(Progress progress) {
        return ask("start what is missing", Precedence.WAITS, () -> {
            succession.endFormers();
            List<Instance> missing = places.instances().stream()
                    .filter(i -> i.state.wanted() == Wanted.UP && i.state.phase() == Phase.STOPPED)
                    .toList();
            return inPlace.start(missing, progress);
        });
    }

    /// Stops and starts instances in place, one after the other. `pmIds` empty means all.
    public CompletableFuture<Boolean> restart(Set<Integer> pmIds, Optional<AppSpec> newSpec, Progress progress) {
        return ask("restart", newer(pmIds, newSpec), () -> {
            if (canaryFlow.forbids(progress)) {
                return false;
            }
            if (newSpec.filter(reloads::listensOtherwise).isPresent()) {
                return reloads.beginAnew(newSpec.get(), progress);
            }
            newSpec.ifPresent(s -> edition.adopt(s, progress));
            return inPlace.restart(places.chosen(pmIds), progress);
        });
    }

    /// Replaces workers without a gap. `pmIds` empty means all.
    public CompletableFuture<Boolean> reload(
            Set<Integer> pmIds, Optional<AppSpec> newSpec, ReloadTerms terms, Progress progress) {
        return ask("reload", newer(pmIds, newSpec), () -> {
            AppSpec next = newSpec.orElse(edition.spec());
            if (canaryFlow.forbids(progress)) {
                return false;
            }
            if (terms.canary().isPresent()) {
                return canaryFlow.begin(next, terms, terms.canary().get(), progress);
            }
            canaries.forgetEnd();
            return reloads.to(next, Placement.now(next), places.chosen(pmIds), terms, progress);
        });
    }

    /// Reloads to a spec that the app had before: of `generation`, or the one before the present.
    public CompletableFuture<Boolean> rollBack(OptionalInt generation, Progress progress) {
        return ask("rollback", Precedence.WAITS, () -> {
            if (canaryFlow.forbids(progress)) {
                return false;
            }
            Optional<AppRecord.Generation> former = edition.former(generation);
            if (former.isEmpty()) {
                progress.error("App [" + name + "] has no "
                        + (generation.isPresent()
                                ? "generation " + generation.getAsInt()
                                : "generation before this one")
                        + " (kept: " + edition.numbers() + ")");
                return false;
            }
            progress.info(
                    "App [" + name + "] goes back to generation " + former.get().number());
            AppSpec target = former.get()
                    .spec()
                    .draft()
                    .instances(edition.spec().instances())
                    .spec();
            return reloads.to(
                    target, former.get().folder(), List.copyOf(places.instances()), ReloadTerms.USUAL, progress);
        });
    }

    /// Holds the app's requests at the edge, or lets them go on; its processes run in any case.
    public CompletableFuture<Boolean> hold(boolean on, Progress progress) {
        return ask(on ? "pause" : "resume", Precedence.WAITS, () -> {
            if (edition.spec().execMode() != ExecMode.CLUSTER) {
                progress.error("App [" + name + "] listens by itself, so its requests cannot be held (expected: cluster"
                        + " mode)");
                return false;
            }
            admission.pause(on);
            progress.info("[" + name + "] ✓");
            return true;
        });
    }

    /// The rest of the rollout after a canary; with less than 100 percent another share for it.
    public CompletableFuture<Boolean> promote(int percent, Progress progress) {
        return ask("promote", Precedence.WAITS, () -> canaryFlow.promote(percent, progress));
    }

    /// Ends the canary; the old workers have everything again.
    public CompletableFuture<Boolean> abort(Progress progress) {
        return ask("abort", Precedence.WAITS, () -> canaryFlow.abort(progress));
    }

    public CompletableFuture<Boolean> stop(Set<Integer> pmIds, Progress progress) {
        return ask("stop", ending(pmIds), () -> {
            inPlace.stop(places.chosen(pmIds), progress);
            canaryFlow.endWith(pmIds);
            listeners.closeUnused(places);
            return true;
        });
    }

    /// Stops and forgets instances; the answer is whether the app has none left, and its owner has ended.
    public CompletableFuture<Boolean> delete(Set<Integer> pmIds, Progress progress) {
        return ask("delete", ending(pmIds), () -> {
            List<Instance> doomed = places.chosen(pmIds);
            inPlace.stop(doomed, progress);
            canaryFlow.endWith(pmIds);
            doomed.forEach(places::forget);
            listeners.closeUnused(places);
            if (places.instances().isEmpty()) {
                end();
            }
            return turns.closed();
        });
    }

    /// Treats the app by another spec from now on; the present workers go on, and a later one is begun by it.
    public CompletableFuture<Boolean> amend(AppSpec newSpec, Progress progress) {
        return ask("amend", Precedence.WAITS, () -> {
            edition.amend(newSpec);
            edition.follow(progress);
            places.instances().forEach(instance -> workforce.rotateLogs(newSpec, instance.pmId));
            return true;
        });
    }

    /// Makes the number of instances `count`, at least 1.
    public CompletableFuture<Boolean> scale(int count, Progress progress) {
        return ask("scale", Precedence.WAITS, () -> {
            if (canaryFlow.forbids(progress)) {
                return false;
            }
            edition.amend(scaled(count));
            int missing = count - places.instances().size();
            if (missing > 0) {
                return inPlace.start(places.add(missing), progress);
            }
            List<Instance> surplus = List.copyOf(
                    places.instances().subList(count, places.instances().size()));
            inPlace.stop(surplus, progress);
            surplus.forEach(places::forget);
            listeners.closeUnused(places);
            return true;
        });
    }

    /// Instances that share their files go on doing so: what runs keeps its names.
    private AppSpec scaled(int count) {
        LogSpec logs = edition.spec().logs();
        LogSpec kept = new LogSpec(
                logs.out(),
                logs.error(),
                logs.combined(),
                Optional.of(logs.merged().orElse(edition.spec().instances().isEmpty())),
                logs.dateFormat(),
                logs.json(),
                logs.disabled(),
                logs.rotation());
        return edition.spec()
                .draft()
                .instances(OptionalInt.of(count))
                .logs(kept)
                .spec();
    }

    /// Sends a message, a JSON text, to the programs of instances (empty: all) by Node's channel. PM2:
    /// sendDataToProcessId.
    ///
    /// @return how many could be told
    public CompletableFuture<Integer> tell(Set<Integer> pmIds, String json) {
        return ask("tell", Precedence.WAITS, () -> (int) places.addressed(pmIds).stream()
                .filter(i -> i.current().map(w -> w.send(json)).orElse(false))
                .count());
    }

    /// Forgets how often instances (empty: all) were restarted. PM2: `reset`.
    public CompletableFuture<Boolean> reset(Set<Integer> pmIds) {
        return ask("reset", Precedence.WAITS, () -> {
            for (Instance instance : places.chosen(pmIds)) {
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
        return ask("signal", Precedence.WAITS, () -> (int) places.addressed(pmIds).stream()
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
                () -> places.addressed(Set.of(pmId)).stream()
                        .findFirst()
                        .flatMap(Instance::current)
                        .map(worker -> StandardInput.write(worker.pid, line))
                        .orElse("it does not run"));
    }

    /// An instance's processes use more memory than they may: its worker `pid` is replaced, in its turn.
    public void overMemory(int pmId, int pid, long bytes, long limitBytes) {
        turns.tell(new AppEvent.Occasioned(Occasion.memory(pmId, pid, bytes, limitBytes)));
    }

    /// What is remembered of the app; nothing after its end. Any thread.
    public Optional<AppRecord> record() {
        return publication.record();
    }

    /// A newer spec for the whole app makes an older one's rollout pointless.
    private static Precedence newer(Set<Integer> pmIds, Optional<AppSpec> newSpec) {
        return newSpec.isPresent() && pmIds.isEmpty() ? Precedence.SUPERSEDES : Precedence.WAITS;
    }

    /// The end of some instances must not leave the others between two generations: it waits.
    private Precedence ending(Set<Integer> pmIds) {
        boolean all = pmIds.isEmpty() || snapshot().slots().stream().allMatch(slot -> pmIds.contains(slot.pmId()));
        return all ? Precedence.URGENT : Precedence.WAITS;
    }

    private <T> CompletableFuture<T> ask(String what, Precedence precedence, Order.Flow<T> flow) {
        return turns.ask(what, precedence, flow);
    }

    // --- the owner's thread --------------------------------------------------------------------------------

    private void live() {
        try {
            turns.run();
        } finally {
            onEnd.accept(this);
            occasions.close();
            turns.refuseWhatIsLeft();
        }
    }

    /// Something happened; whatever follows from it at once does.
    private void take(AppEvent event) {
        happen(event);
        places.everybody().toList().forEach(lives::look);
        canaryFlow.watch();
    }

    private void happen(AppEvent event) {
        switch (event) {
            case AppEvent.Asked(Order<?> order) -> turns.queue(order);
            case AppEvent.Exited(Worker worker, ExitStatus status) -> exited(worker, status);
            case AppEvent.Gone(Worker worker, ExitStatus status) -> gone(worker, status);
            case AppEvent.Said(Worker worker, var message) -> conversations.said(worker, message);
            case AppEvent.ChannelClosed(Worker worker) -> worker.revokeAll();
            case AppEvent.Notified(Worker worker, var message) -> {
                if (conversations.notified(worker, message, places.specOf(worker))) {
                    places.of(worker).ifPresent(i -> lives.apply(i, new LifeEvent.Withdrew(worker.id)));
                }
            }
            case AppEvent.Detected(Worker worker, Address.Tcp address) ->
                conversations.detected(worker, address, places.specOf(worker));
            case AppEvent.Warmed(Worker worker) -> worker.warmUp(Worker.WarmUp.DONE);
            case AppEvent.WatchdogDue(Worker worker, int signs) -> conversations.watchdogDue(worker, signs);
            case AppEvent.Life(Instance instance, LifeEvent life) -> lives.apply(instance, life);
            case AppEvent.Occasioned(Occasion occasion) -> {
                if (!canaryFlow.isHitBy(occasion)) {
                    ofItself.heard(occasion);
                }
            }
            case AppEvent.Nudge _ -> {
                // the flow that waits looks for itself
            }
        }
    }

    private void exited(Worker worker, ExitStatus status) {
        if (lives.exited(worker, status)) {
            gone(worker, status);
        }
    }

    private void gone(Worker worker, ExitStatus status) {
        if (lives.gone(worker, status)) {
            canaries.sweep();
            if (places.everybody().allMatch(i -> i.state.gone())) {
                // Nobody is coming: whoever connects is to see that at once.
                listeners.closeUnused(places);
            }
        }
    }

    /// Brings the gate, the snapshot and the journal up to what is true now.
    private void publish() {
        if (turns.closed()) {
            // The name may be another app's already.
            return;
        }
        admission.update();
        if (publication.update()) {
            effects.after(WRITE_AGAIN, new AppEvent.Nudge());
        }
    }

    /// Before a worker is answered: should the daemon be killed then, the next one knows what it has.
    private void note() {
        if (workforce.keeps() && !turns.closed()) {
            boolean _ = publication.update();
        }
    }

    private void end() {
        publish();
        turns.close();
        listeners.close();
        publication.close();
        onEnd.accept(this);
    }

    /// What a rollout sees of this owner.
    private final class OwnStage implements Rollout.Stage {
        @Override
        public AppSpec spec() {
            return edition.spec();
        }

        @Override
        public void apply(Instance instance, LifeEvent event) {
            lives.apply(instance, event);
        }

        @Override
        public void look(Instance instance) {
            lives.look(instance);
        }

        @Override
        public boolean await(BooleanSupplier done, Duration limit) throws InterruptedException {
            return turns.await(done, limit, Order::cutsShort);
        }

        @Override
        public Optional<String> cutShort() {
            return turns.cutShort();
        }

        @Override
        public boolean renewInPlace(List<Instance> some, Progress progress) throws InterruptedException {
            return inPlace.renew(some, progress);
        }

        @Override
        public void wakeAfter(Duration delay) {
            effects.after(delay, new AppEvent.Nudge());
        }
    }
}
