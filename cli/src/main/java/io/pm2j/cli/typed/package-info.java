/// What was typed, and how a command ends.
///
/// **Lives here:** [Arguments], [Option], [Failure], [ExitCode]. **May come in:** the rest of the cli.
/// **Thread:** any.
///
/// **Must not know:** what the commands do.
@NullMarked
package io.pm2j.cli.typed;

import org.jspecify.annotations.NullMarked;
