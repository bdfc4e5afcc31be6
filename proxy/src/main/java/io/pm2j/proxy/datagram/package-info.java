/// Datagrams of clients to endpoints and back: one session for each client's address.
///
/// **Lives here:** [DatagramListener] (an address that is open), [DatagramOptions], `Exchanger`
/// (one loop's
/// share of it), `Session` (a client), `Leg` (its socket to an endpoint, with the lease). **May
/// come in:**
/// the proxy's root.
///
/// **Thread:** a session is confined to its loop. **Must not know:** what the datagrams say.
@NullMarked
package io.pm2j.proxy.datagram;

import org.jspecify.annotations.NullMarked;
