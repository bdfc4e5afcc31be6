package io.pm2j.proxy.forward;

import io.pm2j.proxy.files.StaticSite;
import io.pm2j.proxy.upstream.Upstream;

/// What a listener's connections are for.
public sealed interface Target {
    record App(Upstream upstream) implements Target {}

    record Site(StaticSite site) implements Target {}
}
