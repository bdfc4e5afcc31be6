/// Apps while they run: one owner each, their instances and workers, and the snapshots that others may look at.
///
/// **May come in:** the supervisor's root, `control`, the daemon and the cli (snapshots only).
/// **Thread:** snapshots any; everything else the app's owner.
///
/// **Must not know:** the proxy, the terminal.
@NullMarked
package io.pm2j.supervisor.app;

import org.jspecify.annotations.NullMarked;
