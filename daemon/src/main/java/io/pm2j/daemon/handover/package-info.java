/// **What lives here.** The update of the daemon in place: [io.pm2j.daemon.handover.UpdateDesk]
/// brings everything to a standstill, writes a [io.pm2j.daemon.handover.Handover] and becomes
/// the next program; [io.pm2j.daemon.handover.Successor] is what that one begins with.
///
/// **Who may come in.** The daemon's wiring and its entry.
///
/// **Threads.** Virtual threads, and one platform thread that becomes the next program.
///
/// **What it must not know.** How apps are run or requests forwarded: each part tells itself
/// what it hands on.
@NullMarked
package io.pm2j.daemon.handover;

import org.jspecify.annotations.NullMarked;
