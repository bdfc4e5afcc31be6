/// Deployment over ssh and git: what the `deploy` section of an ecosystem file says, and the shell text for the host.
///
/// **Lives here:** [DeployTarget], [RemoteScript]. **May come in:** `command`. **Thread:** any.
///
/// **Must not know:** the daemon; how a process is run.
@NullMarked
package io.pm2j.cli.deploy;

import org.jspecify.annotations.NullMarked;
