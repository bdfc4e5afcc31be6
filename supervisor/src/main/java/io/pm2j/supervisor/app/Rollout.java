package io.pm2j.supervisor.app;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.lifecycle.LifeEvent;
import io.pm2j.supervisor.lifecycle.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/// One generation takes over from another, without a gap; a flow on the owner's thread.
///
/// ```
///   for each batch:  spawn ─> ready ─> admitted, the old one in standby ─> drain and signal the old one
///   the last batch:  ...                the old one in standby ─ bake ─┬─> drain and signal the old one
///                                                                      └─> one of the new ones failed: undo
/// ```
/// Undo: those in standby serve again at once; what was replaced before is replaced again, with the spec from before.
/// Nothing old is signalled while it has requests in flight, nor, in the last batch, before the new is proven.
final class Rollout {
    private static final Duration FOREVER = Duration.ofDays(365);
    private static final int LAST_WORDS = 15;

    private final AppName name;
    private final Stage stage;
    private final ReloadTerms terms;
    private final String reason;
    private final Progress progress;
    private final List<Turn> turns = new ArrayList<>();

    /// What a rollout needs of the app's owner.
    interface Stage {
        AppSpec spec();

        void apply(Instance instance, LifeEvent event);

        void look(Instance instance);

        /// Lets the app live until `done`, the limit, or an order that cuts the rollout short.
        boolean await(BooleanSupplier done, Duration limit) throws InterruptedException;

        /// Why the rollout is to give way; nothing when it is not.
        Optional<String> cutShort();

        /// Starts or restarts in place, and says to `progress` what does not come up.
        boolean renewInPlace(List<Instance> instances, Progress progress) throws InterruptedException;

        void wakeAfter(Duration delay);
    }

    /// How it went.
    sealed interface Outcome {
        record Done() implements Outcome {}

        /// The new ones are not to serve; `why` is for people. What can be undone was not yet.
        record Failed(String why) implements Outcome {}
    }

    /// One instance's change of workers.
    private record Turn(Instance instance, Worker old, Worker fresh) {
        boolean tookOver() {
            return instance.state.current() == fresh.id && instance.state.phase() == Phase.READY;
        }

        boolean inStandby() {
            return instance.state.standby().equals(Optional.of(old.id));
        }
    }

    /// `reason` is shown of each instance that gets a new worker; empty when somebody asked for it.
    Rollout(AppName name, Stage stage, ReloadTerms terms, String reason, Progress progress) {
        this.reason = reason;
        this.name = name;
        this.stage = stage;
        this.terms = terms;
        this.progress = progress;
    }

    /// Replaces the workers of `chosen`. Whatever the outcome, [#finish] is to follow.
    Outcome run(List<Instance> chosen) throws InterruptedException {
        AppSpec spec = stage.spec();
        RolloutPlan<Instance> plan =
                RolloutPlan.of(chosen, spec.rollout(), spec.restart().minUptime(), terms);
        for (RolloutPlan.Batch<Instance> batch : plan.batches()) {
            retire();
            Optional<String> failure = replace(batch).or(this::failedSince);
            if (failure.isPresent()) {
                return new Outcome.Failed(failure.get());
            }
            if (batch == plan.batches().getLast()) {
                failure = bake(plan.bake());
            }
            if (failure.isPresent()) {
                return new Outcome.Failed(failure.get());
            }
            batch.inPlace().forEach(this::renewed);
            batch.beside().forEach(this::renewed);
        }
        return new Outcome.Done();
    }

    /// Brings back what served before, as far as it can be: `stale` tells the workers that are not to stay. The
    /// app's spec is the one from before already.
    void undo(List<Instance> chosen, Predicate<Worker> stale) throws InterruptedException {
        for (Turn turn : turns) {
            if (turn.inStandby()) {
                stage.apply(turn.instance, new LifeEvent.Recalled(turn.old.id));
                stage.look(turn.instance);
            }
        }
        turns.clear();
        List<Instance> again = chosen.stream()
                .filter(i -> i.current().map(stale::test).orElse(false))
                .toList();
        for (Instance instance : again) {
            progress.warn("[" + name + "](" + instance.pmId + ") goes back to the spec from before");
            Optional<String> failure = replace(new RolloutPlan.Batch<>(List.of(), List.of(instance)));
            failure.ifPresent(why -> progress.error("... and could not: " + why));
            retire();
        }
    }

    /// Lets everyone go who was replaced, and waits for their ends.
    void finish() throws InterruptedException {
        retire();
    }

    private void renewed(Instance instance) {
        progress.info("[" + name + "](" + instance.pmId + ") ✓");
    }

    private void retire() throws InterruptedException {
        turns.forEach(turn -> stage.apply(turn.instance, new LifeEvent.Dismissed(turn.old.id)));
        boolean _ = stage.await(() -> turns.stream().noneMatch(turn -> turn.instance.needs(turn.old)), FOREVER);
    }

    /// @return why it did not work
    private Optional<String> replace(RolloutPlan.Batch<Instance> batch) throws InterruptedException {
        List<Instance> idle = new ArrayList<>(batch.inPlace());
        List<Turn> begun = new ArrayList<>();
        for (Instance instance : batch.beside()) {
            Optional<Worker> old = instance.current();
            if (old.isEmpty()) {
                idle.add(instance);
                continue;
            }
            stage.apply(instance, new LifeEvent.Replace());
            Optional<Worker> fresh = instance.candidate();
            if (fresh.isEmpty()) {
                begun.forEach(this::giveUp);
                return Optional.of(kept(instance) + instance.lastExit);
            }
            begun.add(new Turn(instance, old.get(), fresh.get()));
        }
        turns.addAll(begun);
        if (!idle.isEmpty() && !stage.renewInPlace(idle, progress)) {
            begun.forEach(this::giveUp);
            return Optional.of("App [" + name + "] did not come up");
        }
        awaitReady(begun);
        return settle(begun);
    }

    private void awaitReady(List<Turn> begun) throws InterruptedException {
        begun.forEach(turn -> stage.look(turn.instance));
        stage.wakeAfter(stage.spec().restart().minUptime());
        boolean _ = stage.await(
                () -> begun.stream().allMatch(turn -> turn.fresh.exited() || turn.tookOver()),
                stage.spec().ready().limit());
    }

    private Optional<String> settle(List<Turn> begun) throws InterruptedException {
        Optional<String> failure = Optional.empty();
        for (Turn turn : begun) {
            if (!turn.tookOver() && Readiness.isReady(stage.spec(), turn.fresh)) {
                // It serves, though not on every listener of the old one: the new version may have given one up.
                stage.apply(turn.instance, new LifeEvent.BecameReady(turn.fresh.id));
            }
            if (turn.tookOver()) {
                turn.instance.createdAtMillis = System.currentTimeMillis();
                turn.instance.lastReason = reason;
            } else if (failure.isEmpty()) {
                failure = notReady(turn);
            }
        }
        if (failure.isPresent()) {
            begun.forEach(this::giveUp);
            boolean _ =
                    stage.await(() -> begun.stream().allMatch(t -> t.tookOver() || !t.instance.has(t.fresh)), FOREVER);
        }
        return failure;
    }

    /// @return why that is the end of the rollout; nothing where the new one is to serve all the same
    private Optional<String> notReady(Turn turn) throws InterruptedException {
        String why = whyNotReady(turn.fresh);
        boolean insists = !terms.rollback() && stage.cutShort().isEmpty();
        if (!insists) {
            String sentence = kept(turn.instance) + why;
            progress.error(sentence);
            lastWords(turn.fresh);
            return Optional.of(sentence);
        }
        progress.warn("[" + name + "](" + turn.instance.pmId + ") goes on with the new one (no rollback): " + why);
        lastWords(turn.fresh);
        if (turn.fresh.exited()) {
            boolean _ = stage.renewInPlace(List.of(turn.instance), progress);
        } else {
            stage.apply(turn.instance, new LifeEvent.Promoted(turn.fresh.id));
        }
        return Optional.empty();
    }

    private void giveUp(Turn turn) {
        stage.apply(turn.instance, new LifeEvent.GaveUp(turn.fresh.id));
    }

    /// The window in which the new ones must go on serving.
    private Optional<String> bake(Duration window) throws InterruptedException {
        if (!terms.rollback() || window.isZero()) {
            return Optional.empty();
        }
        boolean _ = stage.await(() -> turns.stream().anyMatch(turn -> !turn.tookOver()), window);
        return failedSince();
    }

    /// Whether one of those that took over serves no more.
    private Optional<String> failedSince() {
        if (!terms.rollback() || stage.cutShort().isPresent()) {
            return Optional.empty();
        }
        return turns.stream().filter(turn -> !turn.tookOver()).findFirst().map(this::whyItFailed);
    }

    private String whyItFailed(Turn turn) {
        String sentence = "App [" + name + ":" + turn.instance.pmId + "] was taken back: the new one "
                + turn.fresh
                        .exit()
                        .map(status -> "ended with " + status.text() + " after it had been ready")
                        .orElse("is not ready any more");
        progress.error(sentence);
        try {
            lastWords(turn.fresh);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return sentence;
    }

    private void lastWords(Worker worker) throws InterruptedException {
        worker.lastWords(LAST_WORDS).forEach(line -> progress.error("  | " + line));
    }

    private String kept(Instance instance) {
        return "App [" + name + ":" + instance.pmId + "] was not reloaded, the old worker goes on serving: ";
    }

    private String whyNotReady(Worker worker) {
        return worker.exit()
                .map(status -> "the new one ended with " + status.text() + " before it was ready")
                .or(stage::cutShort)
                .orElseGet(() -> "the new one was not ready within "
                        + stage.spec().ready().limit().toMillis() + " ms (listen_timeout)" + worker.cold());
    }
}
