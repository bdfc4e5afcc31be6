/// What ecosystem files ask of the edge, done: listeners opened, routes made, and all of it kept over a restart.
///
/// **Lives here:** [EdgeDesk] (takes a file's wishes up, whole or not at all), [EdgePlan] (what all files come to),
/// [RouteMaker] (a route ready for the data path), [EdgeJournal], [Pending] (what is to be had later). **May come in:**
/// the control desk, the daemon's
/// wiring. **Thread:** virtual threads; a lock lets one change at a time happen.
///
/// **Must not know:** how routes are looked up, how files are read.
@NullMarked
package io.pm2j.daemon.edge;

import org.jspecify.annotations.NullMarked;
