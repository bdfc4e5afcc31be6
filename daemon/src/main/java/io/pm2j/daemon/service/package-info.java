/// The service manager that the daemon is a service of (sd_notify(3), sd_listen_fds(3)), and what
/// it keeps for the next daemon should this one be killed.
///
/// **Lives here:** [ServiceManager], [KeptDescriptors]. **May come in:** the daemon's wiring.
/// **Thread:** virtual threads; owners of apps.
///
/// **Must not know:** what the descriptors are good for.
@NullMarked
package io.pm2j.daemon.service;

import org.jspecify.annotations.NullMarked;
