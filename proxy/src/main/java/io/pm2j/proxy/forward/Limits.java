package io.pm2j.proxy.forward;

/// The time limits of [ProxyOptions] in milliseconds, ready for the data path; no limit is [Timed#NEVER].
record Limits(
        long clientIdleMs,
        long headMs,
        long bodyGraceMs,
        long halfCloseMs,
        long clientWriteMs,
        long upstreamIdleMs,
        StepTimes steps) {
    static Limits of(ProxyOptions options) {
        return new Limits(
                options.clientIdle().toMillis(),
                options.headTimeout().toMillis(),
                options.bodyGrace().toMillis(),
                options.halfCloseGrace().toMillis(),
                StepTimes.orNever(options.clientWrite()),
                options.upstreamIdle().toMillis(),
                new StepTimes(
                        StepTimes.orNever(options.connectTimeout()),
                        StepTimes.orNever(options.responseTimeout()),
                        StepTimes.orNever(options.responseTimeout()),
                        StepTimes.orNever(options.tunnelIdle()),
                        StepTimes.orNever(options.exchangeTotal()),
                        options.minBodyRate()));
    }

    /// `limitMs` after `fromMs`.
    static long after(long fromMs, long limitMs) {
        return limitMs == Timed.NEVER ? Timed.NEVER : fromMs + limitMs;
    }
}
