/// Who may be given a request: named sets of endpoints, and the leases that count what is in flight.
///
/// **Lives here:** [Upstream], [Endpoint], [EndpointSpec], [Balance] and [Balancer], [Origin],
/// [Dialer], [Drained].
///
/// **May come in:** the proxy's own rooms and the daemon. **Thread:** claims on an event loop; `admit` and
/// `awaitIdle` on any thread that may block.
///
/// **Must not know:** HTTP, channels, processes.
@NullMarked
package io.pm2j.proxy.upstream;

import org.jspecify.annotations.NullMarked;
