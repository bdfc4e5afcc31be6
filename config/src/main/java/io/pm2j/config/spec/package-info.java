/// Wanted things as records: complete (defaults applied) and valid by construction; nothing later re-checks them.
///
/// **Lives here:** [AppSpec] with its parts ([Program], [Environment], [ReadySpec], [StopSpec],
/// [RestartSpec], [WatchSpec], [LogSpec], [ProcessSpec]), [ExecMode]. **May come in:** every room. **Thread:** any.
///
/// **Must not know:** how text becomes a spec (`io.pm2j.config.read`), nor what runs (`io.pm2j.supervisor`).
@NullMarked
package io.pm2j.config.spec;

import org.jspecify.annotations.NullMarked;
