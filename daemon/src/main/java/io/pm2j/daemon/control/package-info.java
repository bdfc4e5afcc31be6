/// What the command line asks, done: each request is answered from the supervisor and the sites.
///
/// **Lives here:** [ControlDesk] (one method a request), [Selection] (what a selector means), [LogDesk].
/// **May come in:** the daemon's wiring. **Thread:** one virtual thread a request.
///
/// **Must not know:** how requests travel (`io.pm2j.supervisor.control`), what is printed.
@NullMarked
package io.pm2j.daemon.control;

import org.jspecify.annotations.NullMarked;
