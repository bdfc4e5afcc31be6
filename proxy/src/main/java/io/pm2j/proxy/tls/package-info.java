/// TLS where it ends: certificates, which one a client gets, and the keys of session tickets.
///
/// **Lives here:** [Certificate], [BadCertificate], [Tls] (of one listener), [TlsContexts] (of all), [TicketKeys].
/// **May come in:** `forward`, the proxy's root, the daemon.
///
/// **Thread:** clients are told apart on event loops; everything else is for threads that may block.
/// **Must not know:** HTTP, connections, where the paths of files come from.
@NullMarked
package io.pm2j.proxy.tls;

import org.jspecify.annotations.NullMarked;
