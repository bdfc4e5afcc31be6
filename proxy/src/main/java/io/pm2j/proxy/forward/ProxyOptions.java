package io.pm2j.proxy.forward;

import java.time.Duration;

/// Limits and timeouts of the data path.
///
/// - `maxHeadBytes`, `maxRequestLine`, `maxFields`: what a head may have before it is refused
/// - `holdTimeout`, `maxWaiting`: how long, and how many, requests wait for an endpoint
/// - `clientIdle`, `headTimeout`: silence between requests, and the time a head may take
/// - `halfCloseGrace`: how long a client that has ended its side may still be answered
/// - `upstreamIdle`: how long an idle upstream connection is kept when the origin gave no hint
/// - `connectTimeout`: for TCP origins; `directSend`: write straight from the handler where possible
public record ProxyOptions(
        int maxHeadBytes,
        int maxRequestLine,
        int maxFields,
        Duration holdTimeout,
        int maxWaiting,
        Duration clientIdle,
        Duration headTimeout,
        Duration halfCloseGrace,
        Duration upstreamIdle,
        Duration connectTimeout,
        boolean directSend) {
    public static ProxyOptions defaults() {
        return new ProxyOptions(
                32 * 1024,
                16 * 1024,
                100,
                Duration.ofSeconds(10),
                1_000,
                Duration.ofSeconds(75),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofSeconds(4),
                Duration.ofSeconds(5),
                true);
    }

    public ProxyOptions {
        if (maxHeadBytes < 1024 || maxHeadBytes > 48 * 1024) {
            throw new IllegalArgumentException("maxHeadBytes: " + maxHeadBytes + " (expected: 1024 to 49152)");
        }
    }

    public ProxyOptions withHold(Duration timeout, int waiting) {
        return new ProxyOptions(
                maxHeadBytes,
                maxRequestLine,
                maxFields,
                timeout,
                waiting,
                clientIdle,
                headTimeout,
                halfCloseGrace,
                upstreamIdle,
                connectTimeout,
                directSend);
    }

    public ProxyOptions withClientTimeouts(Duration idle, Duration head, Duration grace) {
        return new ProxyOptions(
                maxHeadBytes,
                maxRequestLine,
                maxFields,
                holdTimeout,
                maxWaiting,
                idle,
                head,
                grace,
                upstreamIdle,
                connectTimeout,
                directSend);
    }

    public ProxyOptions withDirectSend(boolean direct) {
        return new ProxyOptions(
                maxHeadBytes,
                maxRequestLine,
                maxFields,
                holdTimeout,
                maxWaiting,
                clientIdle,
                headTimeout,
                halfCloseGrace,
                upstreamIdle,
                connectTimeout,
                direct);
    }
}
