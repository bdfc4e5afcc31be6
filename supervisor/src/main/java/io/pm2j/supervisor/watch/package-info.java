/// The files of an app, and the news that some have changed.
///
/// **Lives here:** [FileWatch] (effects: inotify, one thread) with its book of watched folders,
/// and the pure parts: [IgnoreRules] (which paths do not count), the globs they are written in,
/// and the burst that many changes make.
///
/// **May come in:** `app`. **Thread:** a watch has one of its own; the pure parts are immutable or
/// confined to it.
///
/// **Must not know:** workers, restarts: whoever asks decides what a [Change] is for.
@NullMarked
package io.pm2j.supervisor.watch;

import org.jspecify.annotations.NullMarked;
