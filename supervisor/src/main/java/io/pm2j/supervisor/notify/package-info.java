/// Workers that speak of themselves: sd_notify(3), the datagrams that programs of any language
/// send to systemd.
///
/// **Lives here:** [NotifySocket] (one a worker, its address goes into `NOTIFY_SOCKET`),
/// [NotifyMessage] (what a datagram says).
///
/// **May come in:** the rest of the supervisor. **Thread:** opened and closed on any; messages
/// come on the poller's thread, where nothing may block.
///
/// **Must not know:** apps, what a message leads to, Node.
@NullMarked
package io.pm2j.supervisor.notify;

import org.jspecify.annotations.NullMarked;
