/// Whether a request may come in, and as whom: decided before anything of it is forwarded.
///
/// **Lives here:** [Admission] (one for each route), [Arrival] (what it looks at), [Verdict]
/// (what it says), [Ticket] (a place among the requests at once), [Pages] (what the edge says
/// itself), [Means] (what all routes share: password threads, a client that asks).
///
/// **May come in:** the relay and those who configure it. **Thread:** any; nothing locks and
/// nothing waits. What needs time is an [Verdict.Ask], which completes on another thread.
///
/// **Must not know:** connections, heads, upstreams.
@NullMarked
package io.pm2j.proxy.admission;

import org.jspecify.annotations.NullMarked;
