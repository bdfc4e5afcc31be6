package io.pm2j.config.spec.edge;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/// Which endpoint of several gets a request.
///
/// @param slowStart how long the share of a new endpoint grows until it is whole
/// @param maxInFlight the most requests at once at one endpoint
public record BalanceSpec(Policy policy, Optional<Sticky> sticky, Duration slowStart, OptionalInt maxInFlight) {
    /// As without a route: the better of two.
    public static final BalanceSpec DEFAULT =
            new BalanceSpec(new Policy.TwoChoices(), Optional.empty(), Duration.ZERO, OptionalInt.empty());

    /// How one is chosen.
    public sealed interface Policy {
        /// One after the other.
        record RoundRobin() implements Policy {}

        /// One after the other, each as often as its weight says.
        record Weighted() implements Policy {}

        /// The one with the fewest requests in flight.
        record LeastInFlight() implements Policy {}

        /// Of two picked at random the one with fewer in flight.
        record TwoChoices() implements Policy {}

        record Random() implements Policy {}

        /// The same one for the same key, as long as it is there.
        record Hash(ClientKey key) implements Policy {}
    }

    /// A cookie that brings a client back to the endpoint that it had.
    public record Sticky(String cookie, Optional<Duration> maxAge) {
        public static final Sticky DEFAULT = new Sticky("pm2j_sticky", Optional.empty());

        public Sticky {
            Rules.require(Rules.token(cookie), Rules.quoted(cookie), "the name of a cookie");
        }
    }

    public BalanceSpec {
        Rules.require(!slowStart.isNegative(), "slow_start " + slowStart, ">= 0");
        Rules.require(maxInFlight.orElse(1) > 0, "max_in_flight " + maxInFlight.orElse(0), "> 0");
    }
}
