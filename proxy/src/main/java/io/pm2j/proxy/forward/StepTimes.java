package io.pm2j.proxy.forward;

import io.pm2j.config.spec.edge.TimeoutSpec;
import java.time.Duration;

/// How long each step of an exchange may take, in milliseconds; no limit is [Timed#NEVER].
///
/// @param headMs the worker's turn until its answer begins
/// @param idleMs the worker's turn once it has begun, without a byte
/// @param totalMs from the request to the end of its response, or of its tunnel
/// @param minBodyRate bytes a second that a request body must bring; 0 for any
record StepTimes(long connectMs, long headMs, long idleMs, long tunnelIdleMs, long totalMs, long minBodyRate) {
    /// A tunnel may be quiet as long as it likes unless somebody has said how long.
    static StepTimes of(TimeoutSpec spec) {
        boolean usual = spec.idle().equals(TimeoutSpec.DEFAULT.idle());
        return new StepTimes(
                orNever(spec.connect()),
                orNever(spec.head()),
                orNever(spec.idle()),
                usual ? Timed.NEVER : orNever(spec.idle()),
                orNever(spec.total()),
                spec.bodyRate());
    }

    /// The same, with tunnels that may be quiet for `ms`.
    StepTimes tunnelIdle(long ms) {
        return new StepTimes(connectMs, headMs, idleMs, ms, totalMs, minBodyRate);
    }

    static long orNever(Duration limit) {
        return limit.isZero() ? Timed.NEVER : limit.toMillis();
    }
}
