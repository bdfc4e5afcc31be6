package io.pm2j.proxy.upstream;

import org.jspecify.annotations.Nullable;

/// A request that waits for an endpoint, on one event loop.
public interface Waiter {
    /// What a hash goes by.
    long key();

    /// The value of its session's cookie; null when it has none.
    @Nullable
    CharSequence pin();

    /// Whether it is one for the endpoints on trial.
    default boolean onTrial() {
        return false;
    }

    /// The endpoint where it has just failed.
    @Nullable
    Endpoint avoid();

    /// Bytes of its body that have been read and are kept.
    int heldBytes();

    /// Its turn has come: it has left the queue, and the lease on `endpoint` is its own.
    void granted(Endpoint endpoint);
}
