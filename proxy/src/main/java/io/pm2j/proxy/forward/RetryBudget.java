package io.pm2j.proxy.forward;

/// How many requests one loop may send a second time: a fifth of those of late, and ten each second
/// where there are not many; what is not used is saved up to a hundred. So retries cannot multiply the load on workers
/// that are failing under it.
///
/// Connects that failed are outside of it: they cost no worker anything.
final class RetryBudget {
    /// Tokens are counted in fifths.
    private static final int RETRY = 5;
    private static final int FLOOR_PER_SECOND = 10 * RETRY;
    private static final int MOST = 100 * RETRY;

    private int tokens = MOST;
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
            tokens = (int) Math.min(tokens + seconds * FLOOR_PER_SECOND, MOST);
        }
        return tokens >= RETRY;
    }

    /// One is sent again.
    void take() {
        tokens -= RETRY;
    }
}
