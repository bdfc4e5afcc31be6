/// Which route a request takes, and what becomes of its path: decisions without a socket.
///
/// **Lives here:** [RouteTable] (compiled once, looked up by each request), [RequestView] (what
/// it looks at), [PathReading] (how many meanings a path has), [Rewrite] and [Location] (new
/// paths and redirects), [Query].
///
/// **May come in:** the relay and those who configure it. **Thread:** any; a table is immutable.
///
/// **Must not know:** Netty, Vert.x, connections.
@NullMarked
package io.pm2j.proxy.route;

import org.jspecify.annotations.NullMarked;
