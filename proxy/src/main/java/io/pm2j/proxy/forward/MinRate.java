package io.pm2j.proxy.forward;

/// Whether a request body comes fast enough, judged one grace after the other; a pure decision over a given clock.
///
/// A window counts from its beginning or from when reading was allowed again, whichever is later: a client
/// that we held back had more to send than we could pass on.
final class MinRate {
    enum Verdict {
        /// The window is not over.
        WAIT,
        FAST_ENOUGH,
        TOO_SLOW
    }

    private long startedMs;
    private long bytes;
    private long endMs;

    void start(long atMs) {
        startedMs = atMs;
        bytes = 0;
        endMs = atMs;
    }

    void received(long count) {
        bytes += count;
    }

    /// `readingSinceMs`: when reading was allowed last. A window that was fast enough is followed by the next.
    Verdict judge(long nowMs, long readingSinceMs, long bytesPerSecond, long graceMs) {
        endMs = Math.max(startedMs, readingSinceMs) + graceMs;
        if (nowMs < endMs) {
            return Verdict.WAIT;
        }
        boolean enough = bytes * 1000 >= bytesPerSecond * graceMs;
        start(nowMs);
        endMs = nowMs + graceMs;
        return enough ? Verdict.FAST_ENOUGH : Verdict.TOO_SLOW;
    }

    /// When to judge next.
    long endMs() {
        return endMs;
    }
}
