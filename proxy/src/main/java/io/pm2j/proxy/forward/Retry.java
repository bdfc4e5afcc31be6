package io.pm2j.proxy.forward;

import io.pm2j.config.spec.edge.RetrySpec;
import io.pm2j.config.spec.edge.RetrySpec.Cause;

/// Whether a failed attempt is made again; a pure decision.
///
/// A request that went nowhere is always safe to repeat. One that a worker may have seen is repeated only
/// when it is [#repeatable], all of it is still at hand, and the [RetryBudget] has something left; never
/// once a byte of the answer is on its way to the client.
final class Retry {
    /// How far the attempt had come.
    enum Reached {
        NOTHING_WRITTEN,
        NO_RESPONSE_BYTE,
        /// The head of an answer of 502, 503 or 504 has come, and nothing of it has been passed on.
        ANSWERED_UNAVAILABLE,
        RESPONSE_BEGUN
    }

    enum Decision {
        AGAIN,
        /// Nothing was written and every try failed at once: try again shortly, a new endpoint may come.
        LATER,
        BAD_GATEWAY,
        /// The answer that has come is the best there is.
        PASS_ON,
        ABORT
    }

    private Retry() {}

    /// Whether a request may be sent a second time after a worker may have acted on the first: its method says
    /// so (RFC 9110 §9.2.2), its client by `Idempotency-Key`, or whoever wrote the route.
    static boolean repeatable(boolean idempotent, boolean idempotencyKey, RetrySpec spec) {
        return idempotent || idempotencyKey || spec.unsafe();
    }

    /// `replayable`: every byte of the request sent so far is still at hand. `tries`: those after the first.
    /// `budget`: there is something left in it; the caller takes from it when this says [Decision#AGAIN] and
    /// something had been written. `patient`: the time for [Decision#LATER] is not used up.
    static Decision decide(
            Reached reached,
            RetrySpec spec,
            boolean repeatable,
            boolean replayable,
            int tries,
            boolean budget,
            boolean patient) {
        boolean more = replayable && tries < spec.tries();
        return switch (reached) {
            case RESPONSE_BEGUN -> Decision.ABORT;
            case ANSWERED_UNAVAILABLE ->
                more && repeatable && budget && spec.causes().contains(Cause.UNAVAILABLE)
                        ? Decision.AGAIN
                        : Decision.PASS_ON;
            case NO_RESPONSE_BYTE ->
                more && repeatable && budget && spec.causes().contains(Cause.RESET)
                        ? Decision.AGAIN
                        : Decision.BAD_GATEWAY;
            case NOTHING_WRITTEN -> {
                if (!replayable || !spec.causes().contains(Cause.CONNECT)) {
                    yield Decision.BAD_GATEWAY;
                }
                yield more ? Decision.AGAIN : patient ? Decision.LATER : Decision.BAD_GATEWAY;
            }
        };
    }
}
