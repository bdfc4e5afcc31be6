package io.pm2j.supervisor.traffic;

import io.pm2j.config.Address;
import java.io.IOException;

/// How a connection to a worker comes about.
public sealed interface Reach {
    /// The worker listens at a private address.
    record At(Address address) implements Reach {}

    /// The worker binds nothing: each connection is one end of a socket pair, handed over through its cluster channel.
    record Handed(Handover handover) implements Reach {}

    /// Hands connections to one worker's server.
    @FunctionalInterface
    interface Handover {
        /// Makes a connected pair, gives one end to the worker and returns the other, a non-blocking
        /// descriptor that the caller owns. Never blocks; may be called on an event loop.
        ///
        /// `client` is the client's address, `host port` with one blank between, which the worker's
        /// program sees as its peer when nothing better is known; empty when unknown.
        ///
        /// @throws IOException when the worker is gone or takes no more connections
        int connect(String client) throws IOException;
    }
}
