/// What starts the daemon with the machine: the service file of each init system, and the commands that enable it.
///
/// Door: [io.pm2j.cli.boot.InitSystem]. Pure but for reading its own templates; who writes and runs is the command.
@NullMarked
package io.pm2j.cli.boot;

import org.jspecify.annotations.NullMarked;
