package io.pm2j.supervisor.app;

import io.pm2j.supervisor.traffic.Share;
import java.util.Optional;
import java.util.OptionalInt;

/// How somebody wants one reload done. `parallel` replaces so many workers at a time, whatever the spec says;
/// `force` goes on though the pre-flight objects, and without a bake; without `rollback` the new workers take
/// over in any case, as with PM2. With a `canary` some new workers come beside the old ones and get that
/// share, until somebody says how it goes on.
public record ReloadTerms(OptionalInt parallel, boolean force, boolean rollback, Optional<Share> canary) {
    /// As the spec says, and back when it fails.
    public static final ReloadTerms USUAL = new ReloadTerms(OptionalInt.empty(), false, true);

    /// All at once, without a canary.
    public ReloadTerms(OptionalInt parallel, boolean force, boolean rollback) {
        this(parallel, force, rollback, Optional.empty());
    }

    /// The same with a canary; `share` is typed: `10%`, `cookie:NAME=VALUE`. Empty when it is neither.
    public Optional<ReloadTerms> withCanary(String share) {
        return Share.parse(share).map(part -> new ReloadTerms(parallel, force, rollback, Optional.of(part)));
    }

    /// The rest of a rollout that began with a canary.
    public ReloadTerms withoutCanary() {
        return new ReloadTerms(parallel, force, rollback);
    }

    public ReloadTerms {
        if (parallel.isPresent() && parallel.getAsInt() < 1) {
            throw new IllegalArgumentException("parallel: " + parallel.getAsInt() + " (expected: >= 1)");
        }
    }
}
