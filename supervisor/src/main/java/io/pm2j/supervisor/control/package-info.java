/// The conversation between the command line and the daemon: one Unix socket, one request a connection, lines of
/// JSON.
///
/// **Lives here:** [ControlRequest], [ControlReply] (all that can be said), [ControlCodec] (how it is written),
/// [ControlClient] and [ControlServer] (the two ends). **May come in:** the cli and the daemon. **Thread:** both
/// ends block: one thread a conversation.
///
/// **Must not know:** what a request does, what is printed.
@NullMarked
package io.pm2j.supervisor.control;

import org.jspecify.annotations.NullMarked;
