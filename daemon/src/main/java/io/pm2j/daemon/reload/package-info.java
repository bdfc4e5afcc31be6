/// Ecosystem files that are kept to: planned, applied whole or not at all, and applied again when they change.
///
/// **Lives here:** [ConfigDesk] (which apps came from which file, one change at a time), [Convergence] (the order of
/// the steps, and the way back), [ConfigWatch] (when a file has changed and is at rest), [ContentStore] (Vert.x
/// Config's view of the files), [FolderWatch] (the kernel's news), [ConfigJournal]. **May come in:** the control desk,
/// the daemon's wiring. **Thread:** one virtual thread a watched file; a lock lets one change at a time happen.
///
/// **Must not know:** what a file means (`io.pm2j.config.read`), what a difference is (`io.pm2j.config.diff`).
@NullMarked
package io.pm2j.daemon.reload;

import org.jspecify.annotations.NullMarked;
