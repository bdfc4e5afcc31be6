package io.pm2j.supervisor.app;

import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.lifecycle.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// An immutable picture of an app, replaced whole by its owner whenever something changed.
public record AppSnapshot(
        AppSpec spec, String version, List<Slot> slots, List<String> listens, boolean watching, boolean paused) {
    public AppSnapshot {
        slots = List.copyOf(slots);
        listens = List.copyOf(listens);
    }

    /// The word for an instance that could serve and whose app's requests are held.
    private static final String PAUSED = "paused";

    /// One instance. `pid` is 0 without a worker; `startedAtMillis` is 0 then. `said` is what it last said of itself.
    public record Slot(
            int pmId,
            int number,
            String status,
            int pid,
            int generation,
            int restarts,
            int unstable,
            long startedAtMillis,
            long createdAtMillis,
            Optional<Integer> exitCode,
            String lastExit,
            String lastReason,
            String said,
            String token,
            String outLog,
            String errorLog,
            String pidFile,
            Standing standing,
            boolean settled) {}

    /// Whether all that is wanted of it is up, and ready as far as that can be known.
    public boolean settled() {
        return !slots.isEmpty() && slots.stream().allMatch(Slot::settled);
    }

    /// Whether all that is wanted of it runs.
    public boolean started() {
        return !slots.isEmpty() && slots.stream().allMatch(slot -> slot.pid() != 0 || slot.settled());
    }

    static AppSnapshot of(
            AppSpec spec,
            String version,
            SupervisorHome home,
            List<Instance> instances,
            List<String> listeners,
            boolean watching,
            boolean paused,
            Canaries canaries,
            List<Standing.Past> past) {
        Optional<Canary> canary = canaries.present();
        Standing usual = new Standing(
                canary.map(c -> new Standing.Open(c.generation, c.share().toString())),
                false,
                canaries.ended(),
                List.of(),
                past,
                "");
        List<Slot> slots = new ArrayList<>();
        for (Instance instance : instances) {
            // What streams keep of a former canary belongs to no place any more.
            List<Instance> also = slots.isEmpty() ? canaries.former() : List.of();
            slots.add(slot(spec, home, instance, paused, standing(usual, false, instance, also)));
        }
        canary.ifPresent(c -> c.instances.forEach(instance ->
                slots.add(slot(c.spec, home, instance, paused, standing(usual, true, instance, List.of())))));
        return new AppSnapshot(spec, version, slots, listeners, watching, paused);
    }

    /// One that ended as it was meant to has done what others wait for.
    private static boolean settled(AppSpec spec, Instance instance) {
        return instance.current().map(worker -> Readiness.settled(spec, worker)).orElse(false)
                || instance.state.phase() == Phase.ONE_LAUNCH && instance.exitCode.equals(Optional.of(0));
    }

    private static Standing standing(Standing usual, boolean onTrial, Instance instance, List<Instance> also) {
        List<Standing.OldWorker> old = Stream.concat(Stream.of(instance), also.stream())
                .flatMap(i -> i.streaming().stream())
                .map(w -> new Standing.OldWorker(w.pid, w.generation, w.startedAtMillis))
                .toList();
        return new Standing(
                usual.canary(), onTrial, usual.canaryEnded(), old, usual.generations(), usual.maintenance());
    }

    private static Slot slot(AppSpec spec, SupervisorHome home, Instance instance, boolean paused, Standing standing) {
        Optional<Worker> worker = instance.current();
        return new Slot(
                instance.pmId,
                instance.number,
                paused && instance.state.phase() == Phase.READY
                        ? PAUSED
                        : instance.state.phase().word(),
                worker.map(w -> w.pid).orElse(0),
                worker.map(w -> w.generation).orElse(0),
                instance.state.restarts(),
                instance.state.history().unstable(),
                worker.map(w -> w.startedAtMillis).orElse(0L),
                instance.createdAtMillis,
                instance.exitCode,
                instance.lastExit,
                instance.lastReason,
                worker.map(Worker::status).orElse(""),
                worker.map(w -> w.token).orElse(""),
                home.outFile(spec, instance.pmId).toString(),
                home.errorFile(spec, instance.pmId).toString(),
                home.pidFile(spec, instance.pmId).toString(),
                standing,
                settled(spec, instance));
    }
}
