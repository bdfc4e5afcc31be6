/// What stands between what runs and what a file wants, in words and as a list of things to do. Pure.
///
/// **Lives here:** [Plan] (all of it), [AppChange] (one app of it), [Trait] (which attribute needs what), [EdgeDiff].
/// **May come in:** the daemon. **Thread:** any.
///
/// **Must not know:** how files are read, how a change is made. Values of variables and arguments are never shown.
@NullMarked
package io.pm2j.config.diff;

import org.jspecify.annotations.NullMarked;
