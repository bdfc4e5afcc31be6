/// The one resident process: wires the supervisor to the proxy, and starts and stops both in order.
///
/// **Lives here:** [Main], [Daemon] (the wiring), [DaemonHome] (paths, lock, pid), [DaemonLog]. Rooms below:
/// `traffic` (the supervisor's gate, kept by the proxy), `site` (static sites), `control` (what the command
/// line asks), `admin` (HTTP for dashboards and Prometheus).
///
/// **May come in:** nobody; it is started as a process. **Thread:** start and stop on the main thread.
///
/// **Must not know:** how a request is forwarded, how a worker is spawned.
@NullMarked
package io.pm2j.daemon;

import org.jspecify.annotations.NullMarked;
