package io.pm2j.proxy.upstream;

import java.io.IOException;

/// Makes connections to one endpoint.
@FunctionalInterface
public interface Dialer {
    /// Returns an already connected, non-blocking Unix stream descriptor that the caller owns.
    /// Never blocks: it is called on an event loop.
    ///
    /// `client` is the client's address, `host port` with one blank between.
    ///
    /// @throws IOException when the endpoint takes no connection; nothing was sent
    int dial(String client) throws IOException;
}
