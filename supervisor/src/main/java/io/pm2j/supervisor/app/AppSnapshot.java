package io.pm2j.supervisor.app;

import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.lifecycle.Phase;
import java.util.List;
import java.util.Optional;

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
            String pidFile) {}

    static AppSnapshot of(
            AppSpec spec,
            String version,
            SupervisorHome home,
            List<Instance> instances,
            List<String> listeners,
            boolean watching,
            boolean paused) {
        return new AppSnapshot(
                spec,
                version,
                instances.stream().map(i -> slot(spec, home, i, paused)).toList(),
                listeners,
                watching,
                paused);
    }

    private static Slot slot(AppSpec spec, SupervisorHome home, Instance instance, boolean paused) {
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
                home.pidFile(spec, instance.pmId).toString());
    }
}
