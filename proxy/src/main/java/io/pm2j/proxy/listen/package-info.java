/// Opening the sockets that clients connect to.
///
/// **Lives here:** [ServerSockets], [ListenFailed]. **May come in:** the proxy's root.
///
/// **Thread:** any that may block. **Must not know:** HTTP, endpoints.
@NullMarked
package io.pm2j.proxy.listen;

import org.jspecify.annotations.NullMarked;
