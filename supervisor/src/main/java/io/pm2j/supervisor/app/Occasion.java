package io.pm2j.supervisor.app;

import java.util.OptionalInt;
import java.util.Set;

/// Why an app restarts though nobody asked; `reason` is for people. Empty `pmIds` means all instances;
/// `pid`, where there is one, is the process that it is about: another one in its place has done
/// nothing yet.
///
/// While something else is going on in the app, an occasion that would only do the same again is
/// dropped; one that brings news (`keep`) waits. One that brings another program (`change`) waits for the end of a
/// canary too: what runs beside that is what it is compared with.
record Occasion(String reason, Set<Integer> pmIds, boolean keep, boolean change, OptionalInt pid) {
    Occasion {
        pmIds = Set.copyOf(pmIds);
    }

    static Occasion cron(String schedule) {
        return new Occasion("cron " + schedule, Set.of(), false, false, OptionalInt.empty());
    }

    static Occasion changed(String file) {
        return new Occasion(file + " changed", Set.of(), true, true, OptionalInt.empty());
    }

    static Occasion memory(int pmId, int pid, long bytes, long limit) {
        long mib = 1 << 20;
        return new Occasion(
                "memory " + bytes / mib + " MiB over " + limit / mib + " MiB",
                Set.of(pmId),
                true,
                false,
                OptionalInt.of(pid));
    }
}
