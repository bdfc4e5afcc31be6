package io.pm2j.supervisor.app;

import java.util.OptionalInt;

/// How somebody wants one reload done. `parallel` replaces so many workers at a time, whatever the spec says; `force`
/// goes on though the pre-flight objects, and without a bake; without `rollback` the new workers take
/// over in any case, as with PM2.
public record ReloadTerms(OptionalInt parallel, boolean force, boolean rollback) {
    /// As the spec says, and back when it fails.
    public static final ReloadTerms USUAL = new ReloadTerms(OptionalInt.empty(), false, true);

    public ReloadTerms {
        if (parallel.isPresent() && parallel.getAsInt() < 1) {
            throw new IllegalArgumentException("parallel: " + parallel.getAsInt() + " (expected: >= 1)");
        }
    }
}
