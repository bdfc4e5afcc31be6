/// Being the parent that Node expects: its IPC channel, and the primary of its cluster module.
///
/// **Lives here:** [NodeChannel] (messages and handed-over descriptors on the socket pair named by
/// NODE_CHANNEL_FD), [NodeMessage] (what a worker says), [ClusterMember] (one worker as seen by its primary),
/// [Preload] (the small script that gives the app its clients' addresses).
///
/// **May come in:** the supervisor. **Thread:** channel callbacks run on a poller's thread; sending works from
/// any thread and never blocks.
///
/// **Must not know:** apps, restarts, the proxy.
@NullMarked
package io.pm2j.supervisor.node;

import org.jspecify.annotations.NullMarked;
