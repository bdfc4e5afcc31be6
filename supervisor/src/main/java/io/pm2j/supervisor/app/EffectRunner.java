package io.pm2j.supervisor.app;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.StopSpec;
import io.pm2j.config.spec.WarmUpSpec;
import io.pm2j.supervisor.lifecycle.Effect;
import io.pm2j.supervisor.lifecycle.LifeEvent;
import io.pm2j.supervisor.process.ExitStatus;
import io.pm2j.supervisor.process.ProcessTree;
import io.pm2j.supervisor.process.Signal;
import io.pm2j.supervisor.traffic.Drained;
import io.pm2j.supervisor.traffic.Endpoint;
import io.pm2j.supervisor.traffic.TrafficGate;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out what [io.pm2j.supervisor.lifecycle.Lifecycle] decides: starts workers, waits for
/// their last requests, ends them. Confined to the app's owner; what takes time goes on elsewhere
/// and comes back to its mailbox.
final class EffectRunner {
    private static final Logger LOG = LoggerFactory.getLogger(EffectRunner.class);

    /// Streams that are ended are so over a tenth of the time they had, and at most over this one.
    private static final Duration MOST_SPREAD = Duration.ofSeconds(30);
    /// What is left of a stream after its end, such as the other side's farewell.
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    private static final Duration WARM_UP_LIMIT = Duration.ofSeconds(10);
    private static final Duration WARM_UP_AGAIN = Duration.ofMillis(100);
    private static final Duration LOOK_EACH = Duration.ofMillis(25);
    private static final String SHUTDOWN_MESSAGE = "\"shutdown\"";

    private final AppName name;
    private final Workforce workforce;
    private final TrafficGate gate;
    private final Consumer<AppEvent> mailbox;

    EffectRunner(AppName name, Workforce workforce, TrafficGate gate, Consumer<AppEvent> mailbox) {
        this.name = name;
        this.workforce = workforce;
        this.gate = gate;
        this.mailbox = mailbox;
    }

    /// Does it, or begins to; the answer is what is already known to follow.
    Optional<LifeEvent> run(Effect effect, Instance instance, AppSpec spec, int generation) {
        switch (effect) {
            case Effect.Spawn(Effect.Role role) -> {
                return Optional.of(spawn(role, instance, spec, generation));
            }
            case Effect.Drain(long worker, boolean patient) -> {
                return instance.worker(worker).flatMap(w -> drain(instance, w, patient, spec));
            }
            case Effect.Terminate(long worker) ->
                instance.worker(worker).ifPresent(w -> terminate(instance, w, spec.stop()));
            case Effect.Kill(long worker) -> instance.worker(worker).ifPresent(w -> kill(w, spec.stop()));
            case Effect.Pause(Duration delay, long ticket) ->
                after(delay, new AppEvent.Life(instance, new LifeEvent.RestartDue(ticket)));
            case Effect.Complain(int unstable) ->
                LOG.atError()
                        .addKeyValue("app", name)
                        .log(
                                "App [{}:{}] had too many unstable restarts ({}). Stopped. \"errored\"",
                                name,
                                instance.pmId,
                                unstable);
        }
        return Optional.empty();
    }

    /// Puts `event` into the mailbox after `delay`.
    void after(Duration delay, AppEvent event) {
        CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> mailbox.accept(event));
    }

    /// Waits, elsewhere, for the children of a worker that ended before them, and reports [AppEvent.Gone]; what is left
    /// after the limit is killed.
    ///
    /// @return whether there is anything to wait for
    boolean awaitLeftovers(Worker worker, ExitStatus status, StopSpec stop) {
        if (!stop.wholeTree() || !ProcessTree.leaves(worker.pid, worker.token)) {
            return false;
        }
        long deadlineNanos = System.nanoTime() + stop.limit().toNanos();
        Thread.ofVirtual().name("pm2j-leftovers-" + worker.pid).start(() -> {
            try {
                while (ProcessTree.leaves(worker.pid, worker.token) && System.nanoTime() < deadlineNanos) {
                    Thread.sleep(LOOK_EACH);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                mailbox.accept(new AppEvent.Gone(worker, status));
            }
        });
        return true;
    }

    /// Ends what a worker's process left behind when it ended.
    void endLeftovers(Worker worker, StopSpec stop) {
        if (stop.wholeTree()) {
            ProcessTree.killLeftovers(worker.pid, worker.token);
        }
    }

    /// A worker that gives no sign of life: it may leave a core for whoever wants to know why. As systemd's
    /// WatchdogSignal.
    void abort(Worker worker) {
        ProcessTree.signalOne(worker.pid, Signal.SIGABRT);
    }

    private LifeEvent spawn(Effect.Role role, Instance instance, AppSpec spec, int generation) {
        try {
            Worker worker = workforce.start(spec, instance, generation, mailbox);
            instance.add(worker);
            LOG.atInfo()
                    .addKeyValue("app", name)
                    .addKeyValue("instance", instance.pmId)
                    .addKeyValue("pid", worker.pid)
                    .log(
                            "App [{}:{}] starting in -{}-",
                            name,
                            instance.pmId,
                            spec.execMode().pm2Text());
            return new LifeEvent.Spawned(role, worker.id);
        } catch (IOException e) {
            instance.lastExit = String.valueOf(e.getMessage());
            instance.exitCode = Optional.of(1);
            instance.lastWorker = Optional.empty();
            LOG.atError().addKeyValue("app", name).log("App [{}:{}] {}", name, instance.pmId, instance.lastExit);
            return new LifeEvent.SpawnFailed(role);
        }
    }

    private Optional<LifeEvent> drain(Instance instance, Worker worker, boolean patient, AppSpec spec) {
        if (worker.listensOn().isEmpty()) {
            return Optional.of(new LifeEvent.Drained(worker.id));
        }
        boolean replaced = instance.state.current() != worker.id;
        Consumer<LifeEvent> tell = event -> mailbox.accept(new AppEvent.Life(instance, event));
        Thread.ofVirtual().name("pm2j-drain-" + worker.pid).start(() -> {
            try {
                Duration limit = patient
                        ? spec.rollout().drain().requests()
                        : spec.stop().limit();
                switch (answered(worker, patient, replaced, limit)) {
                    case Drained.Idle _ -> {
                        // nothing is left
                    }
                    case Drained.Streaming _
                    when patient && replaced -> {
                        tell.accept(new LifeEvent.Answered(worker.id));
                        letStreamsEnd(worker, spec.rollout().drain().streams());
                    }
                    case Drained.Streaming _ -> endStreams(worker, Duration.ZERO);
                    case Drained.TimedOut(int inFlight) ->
                        LOG.atWarn()
                                .addKeyValue("app", name)
                                .addKeyValue("pid", worker.pid)
                                .addKeyValue("inFlight", inFlight)
                                .log("the worker is stopped with requests in flight: they took longer than {}", limit);
                }
                tell.accept(new LifeEvent.Drained(worker.id));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return Optional.empty();
    }

    /// An app that is stopped may end its streams itself, once it is told to.
    private Drained answered(Worker worker, boolean patient, boolean replaced, Duration limit)
            throws InterruptedException {
        return patient || replaced
                ? gate.awaitAnswered(name, worker.id, limit)
                : gate.awaitIdle(name, worker.id, limit);
    }

    private void letStreamsEnd(Worker worker, Duration limit) throws InterruptedException {
        LOG.atInfo().addKeyValue("app", name).addKeyValue("pid", worker.pid).log("only streams keep the worker");
        if (!(gate.awaitIdle(name, worker.id, limit) instanceof Drained.Idle)) {
            Duration spread = limit.dividedBy(10);
            endStreams(worker, spread.compareTo(MOST_SPREAD) < 0 ? spread : MOST_SPREAD);
        }
    }

    private void endStreams(Worker worker, Duration over) throws InterruptedException {
        gate.endStreams(name, worker.id, over);
        Drained _ = gate.awaitIdle(name, worker.id, over.plus(FAREWELL));
    }

    /// Asks a worker that could be ready what its app wants it to be asked first, elsewhere, until it has answered
    /// well often enough; nothing when that has begun already or is not wanted.
    void warmUp(Worker worker, Instance instance, AppSpec spec) {
        if (!Readiness.wantsWarmUp(spec, worker)) {
            return;
        }
        worker.warmUp(Worker.WarmUp.BEGUN);
        WarmUpSpec wanted = spec.rollout().warmUp().orElseThrow();
        Endpoint endpoint = worker.endpoints(instance.number).getFirst();
        Thread.ofVirtual().name("pm2j-warm-up-" + worker.pid).start(() -> {
            try {
                int done = 0;
                while (done < wanted.count() && !worker.exited()) {
                    int status = gate.ask(endpoint, wanted.path(), WARM_UP_LIMIT);
                    if (status > 0 && status < 500) {
                        done++;
                    } else {
                        done = 0;
                        worker.cold("; asked for " + wanted.path() + " (warmup) it gave "
                                + (status == 0 ? "no answer" : status));
                        Thread.sleep(WARM_UP_AGAIN);
                    }
                }
                mailbox.accept(new AppEvent.Warmed(worker));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /// The app's signal, or message, to the whole tree; SIGKILL is due after the limit. PM2: Methods.js killProcess.
    private void terminate(Instance instance, Worker worker, StopSpec stop) {
        if (!stop.byMessage() || !worker.send(SHUTDOWN_MESSAGE)) {
            signal(worker, stop, Signal.valueOf(stop.signal()));
        }
        after(stop.limit(), new AppEvent.Life(instance, new LifeEvent.KillDue(worker.id)));
    }

    private void kill(Worker worker, StopSpec stop) {
        LOG.atInfo().addKeyValue("app", name).addKeyValue("pid", worker.pid).log("kill timeout: SIGKILL");
        signal(worker, stop, Signal.SIGKILL);
    }

    private static void signal(Worker worker, StopSpec stop, Signal signal) {
        if (worker.exited()) {
            if (stop.wholeTree() && signal == Signal.SIGKILL) {
                ProcessTree.killLeftovers(worker.pid, worker.token);
            }
            return;
        }
        if (stop.wholeTree()) {
            ProcessTree.signal(worker.pid, worker.token, signal);
        } else {
            ProcessTree.signalOne(worker.pid, signal);
        }
    }
}
