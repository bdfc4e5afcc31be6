package io.pm2j.proxy.upstream;

import java.time.Duration;

/// How an endpoint stands.
///
/// @param open whether it is given requests
/// @param well false when probes found it bad
/// @param ejectedFor how much longer it gets nothing because requests failed there; zero when they did not
/// @param latency what a request there usually takes; zero when nothing is known
public record EndpointSnapshot(
        long id,
        String slot,
        Origin origin,
        int weight,
        boolean open,
        boolean well,
        Duration ejectedFor,
        int inFlight,
        Duration latency) {}
