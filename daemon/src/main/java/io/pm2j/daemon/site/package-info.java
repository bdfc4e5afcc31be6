/// Static sites that the edge serves itself, listed like apps.
///
/// **Lives here:** [Sites], [Site]. **May come in:** the daemon's `control`. **Thread:** virtual threads.
///
/// **Must not know:** how files are served (`io.pm2j.proxy.files`).
@NullMarked
package io.pm2j.daemon.site;

import org.jspecify.annotations.NullMarked;
