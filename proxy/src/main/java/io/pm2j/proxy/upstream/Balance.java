package io.pm2j.proxy.upstream;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// How an upstream chooses among its endpoints.
///
/// `slowStart` is how long the share of an endpoint grows after it was admitted, so that a cold
/// program is not flooded; zero for its whole share at once. `maxInFlight` is the most leases
/// that one endpoint may have; beyond it is skipped.
public record Balance(Policy policy, Duration slowStart, int maxInFlight) {
    /// The better of two by load.
    public static final Balance DEFAULT = new Balance(Policy.TWO_CHOICES, Duration.ZERO, Integer.MAX_VALUE);

    /// Who gets the next request.
    public enum Policy {
        /// One after the other.
        ROUND_ROBIN,
        /// Each as often as its weight says.
        WEIGHTED,
        /// The one with the fewest leases for its weight.
        LEAST_IN_FLIGHT,
        /// Of two, the one with fewer leases for its weight: the power of two choices.
        TWO_CHOICES,
        RANDOM,
        /// The same one for the same key as long as it is there: rendezvous hashing, so that an endpoint which comes or
        /// goes moves only its own share.
        HASH
    }

    public Balance {
        if (slowStart.isNegative()) {
            throw new IllegalArgumentException("slowStart: " + slowStart + " (expected: >= 0)");
        }
        if (maxInFlight < 1) {
            throw new IllegalArgumentException("maxInFlight: " + maxInFlight + " (expected: >= 1)");
        }
    }

    long slowStartNanos() {
        return TimeUnit.NANOSECONDS.convert(slowStart);
    }
}
