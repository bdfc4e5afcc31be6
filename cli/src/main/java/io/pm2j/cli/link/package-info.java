/// The way to the daemon.
///
/// **Lives here:** [DaemonLink] (reaching and starting it), [Home]. **May come in:** the rest of the cli.
/// **Thread:** one.
///
/// **Must not know:** the daemon's classes; it is started as a process.
@NullMarked
package io.pm2j.cli.link;

import org.jspecify.annotations.NullMarked;
