/// How long a request waits for its route: the lookup alone, in one thread, without a socket.
///
/// **Lives here:** [LookupTime]. **May come in:** nobody; it is a program. **Thread:** main.
///
/// **Must not know:** connections, the daemon.
@NullMarked
package io.pm2j.bench.route;

import org.jspecify.annotations.NullMarked;
