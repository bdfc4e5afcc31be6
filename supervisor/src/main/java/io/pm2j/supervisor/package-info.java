/// The supervisor: apps that are kept running.
///
/// **Lives here:** [Supervisor] (what the daemon asks). Rooms below:
/// `app` (one owner each), `lifecycle` (pure rules), `process` (the operating system), `node` (being the
/// parent Node expects), `log`, `traffic` (the door to the edge), `control` (the talk with the command line).
///
/// **May come in:** the daemon. **Thread:** any that may block.
///
/// **Must not know:** the proxy, Vert.x, the terminal.
@NullMarked
package io.pm2j.supervisor;

import org.jspecify.annotations.NullMarked;
