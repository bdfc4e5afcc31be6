package io.pm2j.proxy.forward;

import io.pm2j.proxy.files.StaticSite;
import io.pm2j.proxy.upstream.Upstream;

/// What a listener's connections are for.
public sealed interface Target {
    /// Requests; what is no HTTP is passed on as it is.
    record App(Upstream upstream) implements Target {}

    /// Bytes both ways, whatever they are.
    record Bytes(Upstream upstream) implements Target {}

    record Site(StaticSite site) implements Target {}

    /// Requests of HTTP, each where its route leads.
    record Routed(Routes routes) implements Target {}
}
