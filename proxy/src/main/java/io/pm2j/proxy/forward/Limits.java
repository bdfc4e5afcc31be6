package io.pm2j.proxy.forward;

import java.time.Duration;

/// The time limits of [ProxyOptions] in milliseconds, ready for the data path; no limit is [Timed#NEVER].
record Limits(
        long clientIdleMs,
        long headMs,
        long bodyGraceMs,
        int minBodyRate,
        long halfCloseMs,
        long clientWriteMs,
        long upstreamIdleMs,
        long connectMs,
        long responseMs,
        long tunnelIdleMs,
        long exchangeMs) {
    static Limits of(ProxyOptions options) {
        return new Limits(
                options.clientIdle().toMillis(),
                options.headTimeout().toMillis(),
                options.bodyGrace().toMillis(),
                options.minBodyRate(),
                options.halfCloseGrace().toMillis(),
                orNever(options.clientWrite()),
                options.upstreamIdle().toMillis(),
                orNever(options.connectTimeout()),
                orNever(options.responseTimeout()),
                orNever(options.tunnelIdle()),
                orNever(options.exchangeTotal()));
    }

    private static long orNever(Duration limit) {
        return limit.isZero() ? Timed.NEVER : limit.toMillis();
    }

    /// `limitMs` after `fromMs`.
    static long after(long fromMs, long limitMs) {
        return limitMs == Timed.NEVER ? Timed.NEVER : fromMs + limitMs;
    }
}
