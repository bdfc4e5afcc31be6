package io.pm2j.supervisor.app;

import java.util.Set;

/// Why an app restarts though nobody asked; `reason` is for people. Empty `pmIds` means all instances.
///
/// While something else is going on in the app, an occasion that would only do the same again is dropped; one that
/// brings
/// news (`keep`: a file changed) waits.
record Occasion(String reason, Set<Integer> pmIds, boolean keep) {
    Occasion {
        pmIds = Set.copyOf(pmIds);
    }

    static Occasion cron(String schedule) {
        return new Occasion("cron " + schedule, Set.of(), false);
    }

    static Occasion changed(String file) {
        return new Occasion(file + " changed", Set.of(), true);
    }

    static Occasion memory(int pmId, long bytes, long limit) {
        long mib = 1 << 20;
        return new Occasion("memory " + bytes / mib + " MiB over " + limit / mib + " MiB", Set.of(pmId), false);
    }
}
