/// The one door between the supervisor and whoever carries traffic to its workers.
///
/// **Lives here:** [TrafficGate] and the values it speaks of: [Endpoint], [Reach], [Drained];
/// [NoTraffic] for apps that bind their own ports. **May come in:** the supervisor (asks), the
/// daemon (implements). **Thread:** virtual threads; calls may block.
///
/// **Must not know:** the proxy, Netty, Vert.x.
@NullMarked
package io.pm2j.supervisor.traffic;

import org.jspecify.annotations.NullMarked;
