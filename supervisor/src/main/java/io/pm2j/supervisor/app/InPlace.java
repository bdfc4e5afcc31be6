package io.pm2j.supervisor.app;

import io.pm2j.config.AppName;
import io.pm2j.supervisor.lifecycle.Effect;
import io.pm2j.supervisor.lifecycle.LifeEvent;
import io.pm2j.supervisor.lifecycle.Phase;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Instances are started, restarted and stopped where they are; flows on the owner's thread.
///
/// ```
///   start:    spawn, side by side ─> up, or ended, or the limit ─> said
///   restart:  one after the other: drain ─> stop ─> start
/// ```
/// Nobody takes over meanwhile; requests that meet no worker wait at the edge.
final class InPlace {
    private static final Predicate<Order<?>> NOBODY = _ -> false;
    private static final Duration FOREVER = Duration.ofDays(365);
    private static final int LAST_WORDS = 15;

    private final AppName name;
    private final Turns turns;
    private final Edition edition;
    private final Places places;
    private final AppListeners listeners;
    private final Lives lives;
    private final EffectRunner effects;

    InPlace(
            AppName name,
            Turns turns,
            Edition edition,
            Places places,
            AppListeners listeners,
            Lives lives,
            EffectRunner effects) {
        this.name = name;
        this.turns = turns;
        this.edition = edition;
        this.places = places;
        this.listeners = listeners;
        this.lives = lives;
        this.effects = effects;
    }

    /// Starts those of `wanted` that have no worker, side by side, as another generation; the answer is whether all of
    /// them came up.
    boolean start(List<Instance> wanted, Progress progress) throws InterruptedException {
        List<Instance> idle = wanted.stream().filter(i -> i.current().isEmpty()).toList();
        if (!mayStart(idle, progress)) {
            return false;
        }
        edition.next();
        if (idle.size() == places.instances().size()) {
            edition.findFolder();
        }
        boolean good = startAll(idle, progress);
        if (idle.size() == places.instances().size()) {
            edition.prove();
        }
        return good;
    }

    private boolean mayStart(List<Instance> idle, Progress progress) {
        turns.publish(); // no worker is there before its token is remembered
        listeners.forgetProblem();
        if (!listeners.openFixed(edition.spec(), progress)) {
            idle.forEach(i -> lives.apply(i, new LifeEvent.SpawnFailed(Effect.Role.CURRENT)));
            return false;
        }
        return true;
    }

    private boolean startAll(List<Instance> idle, Progress progress) throws InterruptedException {
        for (Instance instance : idle) {
            begin(instance, new LifeEvent.Start());
        }
        return awaitStart(idle, progress);
    }

    /// One after the other: drain, stop, start, ready.
    boolean restart(List<Instance> chosen, Progress progress) throws InterruptedException {
        listeners.forgetProblem();
        if (!listeners.openFixed(edition.spec(), progress)) {
            return false;
        }
        edition.next();
        if (chosen.size() == places.instances().size()) {
            edition.findFolder();
        }
        boolean good = true;
        for (Instance instance : chosen) {
            boolean started = replace(instance, new LifeEvent.Restart(), progress);
            good &= started;
            if (started) {
                progress.info("[" + name + "](" + instance.pmId + ") ✓");
            } else if (turns.urgent()) {
                return false;
            }
        }
        edition.prove();
        listeners.closeUnused(places);
        return good;
    }

    /// Starts those that have no worker, and has the others follow one after the other, within a rollout: of its
    /// generation, and in its folder.
    boolean renew(List<Instance> some, Progress progress) throws InterruptedException {
        List<Instance> idle = some.stream().filter(i -> i.current().isEmpty()).toList();
        boolean good = idle.isEmpty() || mayStart(idle, progress) && startAll(idle, progress);
        for (Instance instance : some) {
            good &= idle.contains(instance) || replace(instance, new LifeEvent.Renew(), progress);
        }
        return good;
    }

    /// Returns when all of them have ended.
    void stop(List<Instance> chosen, Progress progress) throws InterruptedException {
        chosen.forEach(instance -> lives.apply(instance, new LifeEvent.Stop()));
        boolean _ = turns.await(() -> chosen.stream().allMatch(i -> i.state.gone()), FOREVER, NOBODY);
        chosen.forEach(instance -> progress.info("[" + name + "](" + instance.pmId + ") ✓"));
    }

    private boolean replace(Instance instance, LifeEvent how, Progress progress) throws InterruptedException {
        begin(instance, how);
        return turns.await(() -> instance.state.phase() != Phase.STOPPING, FOREVER, Order::urgent)
                && awaitStart(List.of(instance), progress);
    }

    private void begin(Instance instance, LifeEvent event) {
        instance.createdAtMillis = System.currentTimeMillis();
        instance.lastReason = "";
        instance.lastWorker = Optional.empty();
        lives.apply(instance, event);
        instance.restartsAtStart = instance.state.restarts();
        lives.look(instance);
    }

    private boolean awaitStart(List<Instance> starting, Progress progress) throws InterruptedException {
        effects.after(edition.spec().restart().minUptime(), new AppEvent.Nudge());
        boolean _ = turns.await(
                () -> !listeners.problem().isEmpty() || starting.stream().allMatch(this::settled),
                edition.spec().ready().limit(),
                Order::urgent);
        if (!listeners.problem().isEmpty()) {
            String problem = listeners.problem();
            stop(starting, Progress.SILENT);
            listeners.closeUnused(places);
            progress.error(problem);
            return false;
        }
        boolean good = true;
        for (Instance instance : starting) {
            good &= report(instance, progress);
        }
        return good;
    }

    private boolean settled(Instance instance) {
        return instance.failedToStart()
                || instance.current()
                        .map(w -> Readiness.settled(edition.spec(), w))
                        .orElse(true);
    }

    /// Says how the start of an instance went; the answer is whether it went well.
    private boolean report(Instance instance, Progress progress) throws InterruptedException {
        String label = "App [" + name + ":" + instance.pmId + "] ";
        boolean endedWell = instance.state.phase() == Phase.ONE_LAUNCH && instance.exitCode.equals(Optional.of(0));
        if (instance.failedToStart() || instance.current().isEmpty() && !endedWell) {
            boolean ran = instance.lastWorker.isPresent();
            progress.error(ran ? label + "ended while it started: " + instance.lastExit : instance.lastExit);
            instance.lastWords(LAST_WORDS).forEach(line -> progress.error("  | " + line));
            return false;
        }
        if (instance.current().isPresent()
                && !Readiness.settled(edition.spec(), instance.current().get())) {
            progress.warn(label + "is not ready after "
                    + edition.spec().ready().limit().toMillis()
                    + " ms (listen_timeout); it gets requests once it is");
        }
        return true;
    }
}
