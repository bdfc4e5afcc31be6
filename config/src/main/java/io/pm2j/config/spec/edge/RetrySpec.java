package io.pm2j.config.spec.edge;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/// When a request is tried again at another endpoint.
///
/// @param tries the most tries after the first
/// @param unsafe whether a request is sent again that may have had an effect (RFC 9110 §9.2.2)
/// @param hedge without an answer after so long it goes to a second endpoint too; zero is never
public record RetrySpec(int tries, Set<Cause> causes, boolean unsafe, Duration hedge) {
    /// What a try ended with.
    public enum Cause {
        /// No connection; the request went nowhere.
        CONNECT,
        /// The connection ended before an answer began.
        RESET,
        /// An answer of 502, 503 or 504.
        UNAVAILABLE
    }

    /// As without a route.
    public static final RetrySpec DEFAULT = new RetrySpec(2, EnumSet.of(Cause.CONNECT, Cause.RESET), false);

    /// Never to two endpoints at once.
    public RetrySpec(int tries, Set<Cause> causes, boolean unsafe) {
        this(tries, causes, unsafe, Duration.ZERO);
    }

    public RetrySpec {
        Rules.require(!hedge.isNegative(), "hedge " + hedge, ">= 0");
        Rules.require(tries >= 0 && tries <= 10, "retries " + tries, "0 to 10");
        Set<Cause> all = EnumSet.noneOf(Cause.class);
        all.addAll(causes);
        causes = Collections.unmodifiableSet(all);
    }
}
