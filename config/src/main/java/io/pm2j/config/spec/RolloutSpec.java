package io.pm2j.config.spec;

import java.time.Duration;
import java.util.Optional;

/// How workers are replaced by a reload. `surge` workers may run beyond the wanted number, `maxUnavailable` may
/// be missing from it meanwhile. `bake` is how long the new ones must serve before the last old one goes; when it
/// is not said, `min_uptime`: a worker that ends before that is unstable by the app's own word. `drain` is the
/// time that replaced workers have, `warmUp` what new ones are asked first. `hold` is how long a request may
/// wait at the edge while no worker is ready, where that is said.
public record RolloutSpec(
        int surge,
        int maxUnavailable,
        Optional<Duration> bake,
        DrainSpec drain,
        Optional<WarmUpSpec> warmUp,
        Optional<Duration> hold) {
    /// How long requests wait unless it is said, or known to take longer.
    public static final Duration USUAL_HOLD = Duration.ofSeconds(10);

    /// One beside the others, and never fewer than are wanted.
    public static final RolloutSpec DEFAULT = new RolloutSpec(1, 0, Optional.empty());

    /// With the usual hold.
    public RolloutSpec(
            int surge, int maxUnavailable, Optional<Duration> bake, DrainSpec drain, Optional<WarmUpSpec> warmUp) {
        this(surge, maxUnavailable, bake, drain, warmUp, Optional.empty());
    }

    /// With the usual drain, and nothing to warm up by.
    public RolloutSpec(int surge, int maxUnavailable, Optional<Duration> bake) {
        this(surge, maxUnavailable, bake, DrainSpec.DEFAULT, Optional.empty());
    }

    /// How long a request waits for a worker. Where no new one may start before the old one has ended, that is
    /// longer than usual by what the end and the start may take.
    public Duration holdFor(Duration start, Duration end) {
        return hold.orElseGet(() -> surge == 0 ? USUAL_HOLD.plus(start).plus(end) : USUAL_HOLD);
    }

    public RolloutSpec {
        if (surge < 0 || maxUnavailable < 0 || surge + maxUnavailable == 0) {
            throw new IllegalArgumentException("surge " + surge + ", max_unavailable " + maxUnavailable
                    + " (expected: at least 0, and one of them more)");
        }
    }
}
