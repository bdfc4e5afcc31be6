/// Pure rules of an instance's life: whether, and after how long, to start it again.
///
/// **Lives here:** [RestartPolicy]. **May come in:** `app`. **Thread:** any; no clock, no effects.
///
/// **Must not know:** processes, files, time itself: whoever asks brings the numbers.
@NullMarked
package io.pm2j.supervisor.lifecycle;

import org.jspecify.annotations.NullMarked;
