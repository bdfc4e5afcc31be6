/// HTTP for dashboards and Prometheus, on loopback only.
///
/// **Lives here:** [AdminServer], [DaemonMetrics] (what `/metrics` says), [HostStat]. **May come in:** the
/// daemon's wiring and `control`. **Thread:** Vert.x event loops; what may block runs on virtual threads.
///
/// **Must not know:** how the numbers come about.
@NullMarked
package io.pm2j.daemon.admin;

import org.jspecify.annotations.NullMarked;
