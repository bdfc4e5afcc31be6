package io.pm2j.config.spec.edge;

import java.time.Duration;

/// How long each step of an exchange may take; zero is without limit.
///
/// @param connect until a connection to the origin stands
/// @param head from the end of the request to the head of the response
/// @param idle without a byte either way
/// @param total for all of it
/// @param bodyRate bytes a second that a body must bring after its first ten seconds; 0 for any
public record TimeoutSpec(Duration connect, Duration head, Duration idle, Duration total, long bodyRate) {
    /// As without a route; what nginx has.
    public static final TimeoutSpec DEFAULT =
            new TimeoutSpec(Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ZERO, 500);

    public TimeoutSpec {
        boolean positive = !connect.isNegative() && !head.isNegative() && !idle.isNegative() && !total.isNegative();
        Rules.require(positive && bodyRate >= 0, "a negative timeout", ">= 0");
    }
}
