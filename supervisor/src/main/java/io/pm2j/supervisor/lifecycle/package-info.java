/// Pure rules of an instance's life: what follows from what, and whether to start it again.
///
/// **Lives here:** [Lifecycle] (the `step`), [InstanceState] with [Phase] and [Wanted], [LifeEvent], [Effect],
/// [RestartPolicy]. **May come in:** `app`. **Thread:** any; no clock, no effects.
///
/// **Must not know:** processes, files, time itself: whoever asks brings the numbers.
@NullMarked
package io.pm2j.supervisor.lifecycle;

import org.jspecify.annotations.NullMarked;
