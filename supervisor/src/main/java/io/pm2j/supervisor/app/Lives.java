package io.pm2j.supervisor.app;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.lifecycle.Effect;
import io.pm2j.supervisor.lifecycle.InstanceState.Leaving;
import io.pm2j.supervisor.lifecycle.LifeEvent;
import io.pm2j.supervisor.lifecycle.Lifecycle;
import io.pm2j.supervisor.lifecycle.Phase;
import io.pm2j.supervisor.process.ExitStatus;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes the steps of instances' lives: what [Lifecycle] decides becomes their state, and what follows is done at once.
/// Confined to the app's owner.
final class Lives {
    private static final Logger LOG = LoggerFactory.getLogger(Lives.class);

    private final AppName name;
    private final Workforce workforce;
    private final Edition edition;
    private final Places places;
    private final Admission admission;
    private final EffectRunner effects;

    Lives(
            AppName name,
            Workforce workforce,
            Edition edition,
            Places places,
            Admission admission,
            EffectRunner effects) {
        this.name = name;
        this.workforce = workforce;
        this.edition = edition;
        this.places = places;
        this.admission = admission;
        this.effects = effects;
    }

    /// Takes one step of an instance's life, and all that follows at once.
    void apply(Instance instance, LifeEvent event) {
        Places.Assigned own = places.assigned(instance);
        Lifecycle.Step step = Lifecycle.step(own.rules(), instance.state, event);
        long before = instance.state.current();
        Phase phase = instance.state.phase();
        instance.state = step.state();
        if (instance.state.current() != before) {
            instance.current().ifPresent(worker -> workforce.writePidFile(own.spec(), worker));
        }
        if (phase == Phase.LAUNCHING
                && (instance.state.phase() == Phase.ONLINE || instance.state.phase() == Phase.READY)) {
            LOG.atInfo().addKeyValue("app", name).log("App [{}:{}] online", name, instance.pmId);
        }
        if (step.effects().stream().anyMatch(Effect.Drain.class::isInstance)) {
            // Whoever is to be drained must get nothing new from here on.
            admission.update();
        }
        for (Effect effect : step.effects()) {
            effects.run(effect, instance, Placement.in(own.folder(), own.spec()), own.generation())
                    .ifPresent(next -> apply(instance, next));
        }
    }

    /// Tells an instance's life how far its workers are.
    void look(Instance instance) {
        AppSpec own = places.specOf(instance);
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

    /// A worker's process ended. One that was asked to has ended when its children have too; those have as long as it
    /// had, and are reported by [AppEvent.Gone].
    ///
    /// @return whether nothing of it is left
    boolean exited(Worker worker, ExitStatus status) {
        worker.markExited(status);
        boolean asked = places.of(worker)
                .map(i -> i.state.leaving().get(worker.id) == Leaving.ASKED_TO_END)
                .orElse(false);
        return !asked || !effects.awaitLeftovers(worker, status, edition.spec().stop());
    }

    /// Nothing is left of a worker.
    ///
    /// @return whether it was any place's
    boolean gone(Worker worker, ExitStatus status) {
        Instance instance = places.of(worker).orElse(null);
        workforce.forget(instance == null ? edition.spec() : places.specOf(instance), worker);
        if (instance == null) {
            return false;
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
            effects.endLeftovers(worker, edition.spec().stop());
        }
        return true;
    }
}
