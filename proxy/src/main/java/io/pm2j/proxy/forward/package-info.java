/// The way of a request: from a client's bytes to a worker and back.
///
/// **Lives here:** [ClientConnection] (front), [UpstreamConnection] (back), [Tunnel], [PrefaceGate] and [TlsGate]
/// before them, [HeadEditor],
/// [RequestBody], [Retry], [Loop] with what one event loop owns, [Deadlines], [MinRate],
/// [Splice], [ListenerState], [Target], [ProxyOptions], [Tally].
///
/// **May come in:** `listen` and the proxy's root. **Thread:** everything of one client connection, its
/// upstream connections included, belongs to one event loop; nothing is locked.
///
/// **Must not know:** how endpoints come and go, processes, files of the configuration.
@NullMarked
package io.pm2j.proxy.forward;

import org.jspecify.annotations.NullMarked;
