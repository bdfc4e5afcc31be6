/// Values as JSON text and back, in fields that ends of different versions understand.
///
/// **Lives here:** [JsonText] (writing), [JsonTree] (reading), [SpecCodec]. **May come in:** `control`, `durable`.
/// **Thread:** any. **Must not know:** sockets, files.
@NullMarked
package io.pm2j.supervisor.json;

import org.jspecify.annotations.NullMarked;
