package io.pm2j.proxy.upstream;

/// What an upstream asks of each event loop, callable from any thread.
public interface LoopAgent {
    /// Calls [Upstream#serve] on this loop.
    void wake(Upstream upstream);

    /// Closes this loop's idle connections to `endpoint`, then runs `closed`; also when there are none.
    void closeIdle(Endpoint endpoint, Runnable closed);

    /// Ends this loop's streams with `endpoint`, each at some moment within `overNanos`, so that not all clients
    /// come back at once.
    default void endStreams(Endpoint endpoint, long overNanos) {
        // a loop without streams
    }

    /// Runs `task` on this loop when `nanos` have passed; never, when the loop has ended by then.
    void after(long nanos, Runnable task);
}
