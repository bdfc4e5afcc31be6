package io.pm2j.supervisor.app;

import io.pm2j.config.AppName;
import io.pm2j.supervisor.app.AppRecord.WorkerRecord;
import io.pm2j.supervisor.lifecycle.LifeEvent;
import io.pm2j.supervisor.lifecycle.Phase;
import io.pm2j.supervisor.lifecycle.Wanted;
import io.pm2j.supervisor.process.ProcessTree;
import io.pm2j.supervisor.traffic.TrafficGate.AddressTaken;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An app goes from one program to the next: what a former daemon left is kept or ended, and what a successor needs is
/// said. Confined to the app's owner.
final class Succession {
    private static final Logger LOG = LoggerFactory.getLogger(Succession.class);

    private static final Predicate<Order<?>> NOBODY = _ -> false;
    /// How often processes are looked at whose end nobody reports.
    private static final Duration LOOK_EACH = Duration.ofMillis(20);

    private final AppName name;
    private final Workforce workforce;
    private final Turns turns;
    private final Edition edition;
    private final Places places;
    private final AppListeners listeners;
    private final Lives lives;
    private final Formers formers = new Formers();

    Succession(
            AppName name,
            Workforce workforce,
            Turns turns,
            Edition edition,
            Places places,
            AppListeners listeners,
            Lives lives) {
        this.name = name;
        this.workforce = workforce;
        this.turns = turns;
        this.edition = edition;
        this.places = places;
        this.listeners = listeners;
        this.lives = lives;
    }

    // --- after it --------------------------------------------------------------------------------------------

    /// Keeps what lives and can be kept, and has the rest end.
    void takeUp(AppRecord record, Progress progress) {
        // A daemon that was killed may have been about to close them.
        boolean wanted = record.instances().stream().anyMatch(instance -> instance.wanted() == Wanted.UP);
        workforce.inheritance().app(name.text()).filter(_ -> wanted).ifPresent(this::goOn);
        for (int i = 0; i < places.instances().size(); i++) {
            adopt(places.instances().get(i), record.instances().get(i), progress);
        }
    }

    /// Returns when nothing is left of what could not be kept.
    void endFormers() throws InterruptedException {
        long deadlineNanos = System.nanoTime() + edition.spec().stop().limit().toNanos();
        while (!formers.gone() && System.nanoTime() < deadlineNanos) {
            boolean _ = turns.await(formers::gone, LOOK_EACH, NOBODY);
        }
        formers.kill(edition.spec().stop());
    }

    private void adopt(Instance instance, AppRecord.InstanceRecord former, Progress progress) {
        ProcessTree.killMarked(former.nextToken());
        givenUp(former)
                .ifPresent(number -> progress.warn("[" + name + "](" + instance.pmId + ") the rollout of generation "
                        + number + " was under way when the daemon was killed: what served before goes on"));
        for (WorkerRecord record : former.workers()) {
            boolean wanted =
                    record.current() && instance.state.wanted() == Wanted.UP && instance.state.phase() == Phase.STOPPED;
            Optional<Worker> worker =
                    wanted ? workforce.adopt(edition.spec(), instance, record, turns::tell) : Optional.empty();
            if (worker.isPresent()) {
                instance.add(worker.get());
                goOn(worker.get());
                lives.apply(instance, new LifeEvent.Adopted(worker.get().id));
                lives.look(instance);
                progress.info("[" + name + "](" + instance.pmId + ") kept pid " + worker.get().pid);
            } else if (wanted && workforce.endedForGood(edition.spec(), record)) {
                instance.state = instance.state.endedForGood();
            } else {
                formers.end(record, edition.spec().stop());
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

    /// Has the app's sockets as they were before it was handed on.
    private void goOn(AppHandover handed) {
        for (AppHandover.Listening listening : handed.listens()) {
            try {
                listeners.goOn(listening);
            } catch (AddressTaken e) {
                listeners.cannotBeHad(e.sentence());
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
                workforce.inheritance().isTaken(AppDatagrams.name(name, place.key()));
                Boolean receiving = from.get().bindings().get(place.key());
                if (receiving != null) {
                    worker.goOnAt(place, receiving);
                }
            }
        }
    }

    // --- before it -------------------------------------------------------------------------------------------

    /// What the successor needs, when nothing is under way.
    Handing handing() {
        if (turns.waiting()) {
            return new Handing.Busy("App [" + name + "] has orders that wait");
        }
        if (places.everybody().count() > places.instances().size()) {
            return new Handing.Busy("App [" + name + "] has a canary (expected: promoted or aborted before an update)");
        }
        List<AppHandover.Working> workers = new ArrayList<>();
        for (Instance instance : places.instances()) {
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

    /// What an owner says that is to hand its app on.
    sealed interface Handing {
        record Ready(AppHandover what) implements Handing {}

        /// Something is under way, in words.
        record Busy(String why) implements Handing {}

        /// There is no such app any more.
        record Gone() implements Handing {}
    }
}
