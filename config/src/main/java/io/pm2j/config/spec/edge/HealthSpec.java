package io.pm2j.config.spec.edge;

import java.time.Duration;

/// A request that asks each endpoint whether it is well.
///
/// @param healthy so many good answers in a row bring an endpoint back
/// @param unhealthy so many bad ones in a row take it out
/// @param leastStatus with `mostStatus`: what counts as good
public record HealthSpec(
        String path, Duration interval, Duration timeout, int healthy, int unhealthy, int leastStatus, int mostStatus) {
    /// Everything but the path at its default.
    public static HealthSpec at(String path) {
        return new HealthSpec(path, Duration.ofSeconds(5), Duration.ofSeconds(2), 2, 3, 200, 399);
    }

    public HealthSpec {
        boolean target = path.startsWith("/") && path.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '#');
        Rules.require(target, Rules.quoted(path), "a path, that begins with a slash");
        Rules.require(interval.isPositive() && timeout.isPositive(), "interval or timeout of 0", "> 0");
        Rules.require(
                timeout.compareTo(interval) <= 0, "timeout " + timeout, "no longer than the interval " + interval);
        Rules.require(healthy > 0 && unhealthy > 0, "a threshold of 0", "> 0");
        boolean statuses = leastStatus >= 100 && leastStatus <= mostStatus && mostStatus <= 599;
        Rules.require(statuses, "status " + leastStatus + "-" + mostStatus, "100 to 599, as 200-399");
    }
}
