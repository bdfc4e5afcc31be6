package io.pm2j.proxy.forward;

/// How many requests one loop may send a second time: a fifth of those of late, and a few each second
/// where there are not many. So retries cannot multiply the load on workers that are failing under it.
///
/// Connects that failed are outside of it: they cost no worker anything.
final class RetryBudget {
    /// Tokens are counted in fifths.
    private static final int RETRY = 5;
    private static final int FLOOR_PER_SECOND = 3 * RETRY;
    /// What may be saved up: a burst of a hundred.
    private static final int MOST = 100 * RETRY;

    private int tokens = FLOOR_PER_SECOND;
    private long filledMs;

    RetryBudget(long nowMs) {
        filledMs = nowMs;
    }

    /// A request has come.
    void request() {
        if (tokens < MOST) {
            tokens++;
        }
    }

    boolean has(long nowMs) {
        long seconds = (nowMs - filledMs) / 1_000;
        if (seconds > 0) {
            filledMs += seconds * 1_000;
            tokens = Math.max(tokens, (int) Math.min(tokens + seconds * FLOOR_PER_SECOND, FLOOR_PER_SECOND));
        }
        return tokens >= RETRY;
    }

    /// One is sent again.
    void take() {
        tokens -= RETRY;
    }
}
