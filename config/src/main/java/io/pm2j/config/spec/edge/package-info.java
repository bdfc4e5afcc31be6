/// What the edge is to do: where it listens, which requests go where, and how each is treated on
/// the way.
///
/// **Lives here:** [EdgeSpec] and its parts: [ListenerSpec], [RouteSpec] with [MatchSpec],
/// [ActionSpec] and [PolicySpec], [AccessLogSpec]; [EdgeFeature] names each of them, so that what
/// is not built yet can be refused. **May come in:** every room. **Thread:** any; every value is
/// complete and valid by construction.
///
/// **Must not know:** how text becomes a spec (`io.pm2j.config.read`), nor how a request is
/// answered (`io.pm2j.proxy`).
@NullMarked
package io.pm2j.config.spec.edge;

import org.jspecify.annotations.NullMarked;
