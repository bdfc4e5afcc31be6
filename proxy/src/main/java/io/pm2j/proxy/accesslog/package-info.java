/// One line for each request, written beside the data path.
///
/// **Lives here:** [AccessLog] (one file's worth of configuration), [LoopAccessLog] (an event
/// loop's part of it), [AccessRecord] (what is known of one request), [RequestTexts] (what its
/// head says), [LineSink] (where lines go).
///
/// **May come in:** `forward`, the proxy's root, the daemon with its files. **Thread:** records
/// and lines belong to one event loop; one platform thread for each log writes; opening and
/// closing: any.
///
/// **Must not know:** connections, files and their rotation.
@NullMarked
package io.pm2j.proxy.accesslog;

import org.jspecify.annotations.NullMarked;
