/// Who a request comes from, and what is said of it to those who get the request next.
///
/// **Lives here:** [IpAddress] and [IpBlocks] (addresses as two numbers), [TrustedProxies] (whose
/// word is taken), [Peer] (the other end of a connection), [Client] (who it speaks for),
/// [ForwardedFields] (the lines that go on with a request).
///
/// **May come in:** the relay and admission. **Thread:** any; everything is immutable and pure.
///
/// **Must not know:** connections, heads, Vert.x.
@NullMarked
package io.pm2j.proxy.client;

import org.jspecify.annotations.NullMarked;
