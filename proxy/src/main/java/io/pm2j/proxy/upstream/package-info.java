/// Who may be given a request: named sets of endpoints, the leases that count what is in flight, and who waits.
///
/// **Lives here:** [Upstream] made from an [UpstreamSpec], [Endpoint], [EndpointSpec], [Balancer], [Lines] of
/// [Waiter], [Sessions] that stick, [KeyRule], [OriginSet], [Origin], [Dialer], [Drained].
///
/// **May come in:** the proxy's own rooms and the daemon. **Thread:** claims and waiting on an event loop; what
/// changes the set on any thread, under a short lock; `awaitIdle` on any thread that may block.
///
/// **Must not know:** HTTP, channels, processes. Who looks after the endpoints' health comes in as a [Watch].
@NullMarked
package io.pm2j.proxy.upstream;

import org.jspecify.annotations.NullMarked;
