/// The commands: each turns what was typed into requests, and replies into an exit code.
///
/// **Lives here:** [Commands] (all of them, by name), [Session] (what a command works with). **May come in:**
/// `io.pm2j.cli`. **Thread:** one.
///
/// **Must not know:** how the daemon is found or started.
@NullMarked
package io.pm2j.cli.command;

import org.jspecify.annotations.NullMarked;
