/// The supervisor's gate, kept by the proxy, and the edge's files.
///
/// **Lives here:** [ProxyTrafficGate], [AppUpstreams], [Leaving], [PortHolder],
/// [AccessLogFiles]. **May come in:** the daemon's wiring, the edge's desk.
/// **Thread:** virtual threads.
///
/// **Must not know:** how either side does its work.
@NullMarked
package io.pm2j.daemon.traffic;

import org.jspecify.annotations.NullMarked;
