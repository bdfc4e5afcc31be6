/// What outlives the daemon: files that are whole at any moment, however it ends.
///
/// **Lives here:** [StateFile], [FileJournal] (what runs now), [Dump] (what `save` remembers), [RecordCodec].
/// **May come in:** the supervisor, the daemon. **Thread:** any that may block.
///
/// **Must not know:** how apps are started.
@NullMarked
package io.pm2j.supervisor.durable;

import org.jspecify.annotations.NullMarked;
