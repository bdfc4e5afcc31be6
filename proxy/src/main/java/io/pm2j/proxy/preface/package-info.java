/// The PROXY protocol: a header in front of a connection's bytes that names whom it is carried
/// for.
///
/// **Lives here:** [ProxyHeaderReader] and what it finds, [ProxyHeader]; [ProxyHeaderWriter].
/// **May come in:** the data path. **Thread:** any; nothing here keeps state.
///
/// **Must not know:** sockets, who is trusted, deadlines.
///
/// Our own and not Netty's codec: that one takes headers up to 64 KiB, numbers with leading
/// zeros and
/// transports that the connection cannot be, gathers what follows the header into its own
/// buffer, and
/// makes an object for every TLV that nobody reads.
@NullMarked
package io.pm2j.proxy.preface;

import org.jspecify.annotations.NullMarked;
