/// What the command line asks, done: each request is answered from the supervisor and the sites.
///
/// **Lives here:** [ControlDesk] (which desk answers), [StartDesk], [ActDesk], [TalkDesk], [LogDesk],
/// [DumpDesk] (what is done), [Selection] (what a selector means).
/// **May come in:** the daemon's wiring. **Thread:** one virtual thread a request.
///
/// **Must not know:** how requests travel (`io.pm2j.supervisor.control`), what is printed.
@NullMarked
package io.pm2j.daemon.control;

import org.jspecify.annotations.NullMarked;
