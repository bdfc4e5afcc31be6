package io.pm2j.supervisor.app;

import java.util.List;
import java.util.Optional;

/// How an instance stands beside its like; pm2j's own, which PM2 knows nothing of.
///
/// @param canary what is open of a canary of its app
/// @param onTrial whether it is one of the canary's places
/// @param canaryEnded why the last canary of its app ended by itself; empty when none has
/// @param oldWorkers workers of it that only their streams keep
/// @param generations what its app has served with and can go back to, the present one last
/// @param maintenance how its app is closed for maintenance; empty when it is open
public record Standing(
        Optional<Open> canary,
        boolean onTrial,
        String canaryEnded,
        List<OldWorker> oldWorkers,
        List<Past> generations,
        String maintenance) {
    public static final Standing NONE = new Standing(Optional.empty(), false, "", List.of(), List.of(), "");

    /// A canary: its generation, and its share in words (`10%`, `cookie beta=1`).
    public record Open(int generation, String share) {}

    /// A worker that was replaced and runs for its streams.
    public record OldWorker(int pid, int generation, long startedAtMillis) {}

    /// A spec that the app has served with; `change` says in short what it changed.
    public record Past(int number, long sinceMillis, String change) {}

    public Standing {
        oldWorkers = List.copyOf(oldWorkers);
        generations = List.copyOf(generations);
    }

    public Standing withMaintenance(String how) {
        return new Standing(canary, onTrial, canaryEnded, oldWorkers, generations, how);
    }
}
