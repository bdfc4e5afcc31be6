/// Whether endpoints are well: by what requests there come to, and by asking them.
///
/// **Lives here:** [Ejection] and [Verdict], the pure decisions; [HealthWatch], which carries them out for one
/// endpoint; [Prober], which asks, also on somebody else's behalf; [ProbeResult].
///
/// **May come in:** the proxy and the daemon. **Thread:** an event loop; [Prober#ask] from any.
///
/// **Must not know:** the relaying of requests, processes.
@NullMarked
package io.pm2j.proxy.health;

import org.jspecify.annotations.NullMarked;
