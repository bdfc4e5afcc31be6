package io.pm2j.proxy.forward;

/// Whether a failed attempt is made again; a pure decision.
final class Retry {
    /// Tries beyond the first.
    static final int EXTRA_TRIES = 2;

    /// How far the attempt had come.
    enum Reached {
        NOTHING_WRITTEN,
        NO_RESPONSE_BYTE,
        RESPONSE_BEGUN
    }

    enum Decision {
        AGAIN,
        /// Nothing was written and every try failed at once: try again shortly, a new endpoint may come.
        LATER,
        BAD_GATEWAY,
        ABORT
    }

    private Retry() {}

    /// `replayable`: every byte of the request sent so far is still at hand. `patient`: the time for
    /// [Decision#LATER] is not used up.
    static Decision decide(Reached reached, boolean idempotent, boolean replayable, int tries, boolean patient) {
        return switch (reached) {
            case RESPONSE_BEGUN -> Decision.ABORT;
            case NO_RESPONSE_BYTE ->
                idempotent && replayable && tries < EXTRA_TRIES ? Decision.AGAIN : Decision.BAD_GATEWAY;
            case NOTHING_WRITTEN -> {
                if (!replayable) {
                    yield Decision.BAD_GATEWAY;
                }
                yield tries < EXTRA_TRIES ? Decision.AGAIN : patient ? Decision.LATER : Decision.BAD_GATEWAY;
            }
        };
    }
}
