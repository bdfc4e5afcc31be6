/// The data path as the rest of the program sees it.
///
/// **Lives here:** [Proxy], [Listener], [ProxyCounters].
///
/// **May come in:** the daemon. **Thread:** any; what blocks says so.
///
/// **Must not know:** the supervisor, the configuration's files.
@NullMarked
package io.pm2j.proxy;

import org.jspecify.annotations.NullMarked;
