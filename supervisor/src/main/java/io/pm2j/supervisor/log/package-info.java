/// What the apps print: from their pipes into files, to whoever follows, and back out of the files.
///
/// **Lives here:** [LogPump] (one stream of one worker), [LogFile], [LineSplitter], [LogFeed] (followers),
/// [LogTail] (the last lines of a file). **May come in:** the supervisor, the daemon. **Thread:** pumps run on
/// the log poller's thread; feeds and tails on any.
///
/// **Must not know:** why a worker was started.
@NullMarked
package io.pm2j.supervisor.log;

import org.jspecify.annotations.NullMarked;
