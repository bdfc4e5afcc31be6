package io.pm2j.supervisor.app;

import io.pm2j.config.Address;
import io.pm2j.config.spec.AppSpec;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// An immutable picture of an app, replaced whole by its owner whenever something changed.
public record AppSnapshot(AppSpec spec, List<Slot> slots, List<String> listens) {
    public AppSnapshot {
        slots = List.copyOf(slots);
        listens = List.copyOf(listens);
    }

    /// One instance. `pid` is 0 without a worker; `startedAtMillis` is 0 then.
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
            String outLog,
            String errorLog,
            String pidFile) {}

    static AppSnapshot empty(AppSpec spec) {
        return new AppSnapshot(spec, List.of(), List.of());
    }

    static AppSnapshot of(AppSpec spec, SupervisorHome home, List<Instance> instances, Collection<Address> listeners) {
        List<Slot> slots = instances.stream()
                .map(i -> new Slot(
                        i.pmId,
                        i.number,
                        i.status.word(),
                        i.worker.map(w -> w.pid).orElse(0),
                        i.worker.map(w -> w.generation).orElse(0),
                        i.restarts,
                        i.unstable,
                        i.worker.map(w -> w.startedAtMillis).orElse(0L),
                        i.createdAtMillis,
                        i.exitCode,
                        i.lastExit,
                        home.outFile(spec, i.pmId).toString(),
                        home.errorFile(spec, i.pmId).toString(),
                        home.pidFile(spec.name(), i.pmId).toString()))
                .toList();
        return new AppSnapshot(
                spec,
                slots,
                listeners.stream().map(Address::toString).distinct().sorted().toList());
    }
}
