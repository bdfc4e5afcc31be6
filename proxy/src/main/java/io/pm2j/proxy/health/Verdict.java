package io.pm2j.proxy.health;

import io.pm2j.config.spec.edge.HealthSpec;

/// What probes say of an endpoint; a pure decision.
///
/// @param inRow so many answers in a row contradict it
record Verdict(boolean well, int inRow) {
    /// An endpoint that has been admitted is believed to be well.
    static final Verdict WELL = new Verdict(true, 0);

    Verdict after(boolean good, HealthSpec spec) {
        if (good == well) {
            return inRow == 0 ? this : new Verdict(well, 0);
        }
        int needed = good ? spec.healthy() : spec.unhealthy();
        return inRow + 1 >= needed ? new Verdict(good, 0) : new Verdict(well, inRow + 1);
    }

    static boolean good(ProbeResult result, HealthSpec spec) {
        return switch (result) {
            case ProbeResult.Answered(int status, var took) ->
                status >= spec.leastStatus() && status <= spec.mostStatus();
            case ProbeResult.Failed(String why, var took) -> false;
        };
    }
}
