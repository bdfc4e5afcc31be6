/// What the apps print: from their pipes into files, to whoever follows, and back out of the
/// files.
///
/// **Lives here:** [LogIntake] (the pipes of all workers) and its [LogPump]s (one stream of one
/// worker), [LineFramer] (whole lines), [LogFormat] (how they stand in a file), [LogShelf] with
/// its [LogFile]s (rotation) and [ShelvedLog] (for lines of others), [LogTidy] (what was put aside), [LogFeed]
/// (followers), [LogTail]
/// (the last lines of a log). **May come in:** the supervisor, the daemon. **Thread:** pumps run
/// on the log poller's thread, tidying on a thread of its own; the shelf, feeds and tails on any.
///
/// **Must not know:** why a worker was started.
@NullMarked
package io.pm2j.supervisor.log;

import org.jspecify.annotations.NullMarked;
