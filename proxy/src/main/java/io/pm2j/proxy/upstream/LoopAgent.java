package io.pm2j.proxy.upstream;

/// What an upstream asks of each event loop, callable from any thread.
public interface LoopAgent {
    /// Lets the waiting requests of this loop try again.
    void wake(Upstream upstream);

    /// Closes this loop's idle connections to `endpoint`, then runs `closed`; also when there are none.
    void closeIdle(Endpoint endpoint, Runnable closed);
}
