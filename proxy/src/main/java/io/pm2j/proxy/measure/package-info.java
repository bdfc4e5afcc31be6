/// How long requests take, by route.
///
/// **Lives here:** [Latencies] (all loops together, and their reading), [LoopLatencies] (what one
/// event loop records), [RouteMeters] (which routes have a place of their own).
///
/// **May come in:** `forward`, the proxy's root, the daemon's metrics. **Thread:** recording: the
/// loop alone; reading: any that may block.
///
/// **Must not know:** connections, routes beyond their names.
@NullMarked
package io.pm2j.proxy.measure;

import org.jspecify.annotations.NullMarked;
