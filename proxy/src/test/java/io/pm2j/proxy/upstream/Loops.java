package io.pm2j.proxy.upstream;

import java.util.List;

/// Endpoints outside of an upstream.
final class Loops {
    private Loops() {}

    /// An open endpoint of one loop.
    static Endpoint endpoint(EndpointSpec spec) {
        Upstream nowhere = new Upstream(UpstreamSpec.named("nowhere"), List.of());
        Endpoint endpoint = new Endpoint(spec, 1, new Lines(nowhere, List.of()), "app");
        endpoint.admit();
        endpoint.open(true);
        return endpoint;
    }
}
