/// How sockets are driven: epoll, io_uring or Java's own selector.
///
/// **Lives here:** [Transport], chosen once for the daemon, with the channel classes that go with it;
/// [LastingEpoll], epoll with a fault of Netty's worked around.
///
/// **May come in:** everything in the proxy that opens sockets, and who starts the daemon. **Thread:** any.
///
/// **Must not know:** what the sockets are for.
@NullMarked
package io.pm2j.proxy.transport;

import org.jspecify.annotations.NullMarked;
