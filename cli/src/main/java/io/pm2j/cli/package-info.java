/// What people type.
///
/// **Lives here:** [Main]. Rooms below: `typed` (arguments and exit codes), `link` (reaching the daemon),
/// `command` (one class a command), `view` (what is printed).
///
/// **May come in:** nobody. **Thread:** one.
///
/// **Must not know:** Vert.x, Netty, the daemon's classes: it is started as a process.
@NullMarked
package io.pm2j.cli;

import org.jspecify.annotations.NullMarked;
