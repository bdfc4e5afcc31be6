/// Static files: a request in, a complete answer out, from one directory that nothing escapes.
///
/// **Lives here:** [StaticSite] (the shell that touches the disk), [Tree] (names to files), [SmallFiles] (memory),
/// and the decisions, all pure: [TargetPath], [Preconditions], [Ranges], [AcceptEncoding], [MediaTypes],
/// [CachePolicy], [Representing].
///
/// **May come in:** the relay, through [SiteRequest] and [SiteResponse]. **Thread:** [StaticSite#peek] on a loop,
/// [StaticSite#respond] on a worker.
///
/// **Must not know:** Netty, Vert.x, connections.
@NullMarked
package io.pm2j.proxy.files;

import org.jspecify.annotations.NullMarked;
