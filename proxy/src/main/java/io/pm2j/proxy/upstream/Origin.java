package io.pm2j.proxy.upstream;

import io.pm2j.config.Address;

/// How a connection to an endpoint comes about.
public sealed interface Origin {
    /// The endpoint listens at an address.
    record At(Address address) implements Origin {}

    /// Connections are handed over by whoever owns the endpoint.
    record Dialed(Dialer dialer) implements Origin {}
}
