package io.pm2j.proxy.upstream;

import java.time.Duration;

/// When a refused client may come back (RFC 9110 §10.2.3); pure.
final class RetryAfter {
    private static final int MOST = 60;

    private RetryAfter() {}

    /// As long as the queue takes to pass at the pace it has; without a pace as long as one may wait.
    static int seconds(int waiting, double perSecond, Duration age, boolean served) {
        double seconds = served && perSecond > 0 ? waiting / perSecond : age.toMillis() / 1000.0;
        return (int) Math.clamp(Math.ceil(seconds), 1, MOST);
    }
}
