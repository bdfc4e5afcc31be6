/// HTTP/1 framing: where a message begins and ends, and which of them are refused.
///
/// **Lives here:** [HeadScanner], [RequestHead], [ResponseHead], [ChunkScanner], [Violation], [Tokens].
///
/// **May come in:** `forward`. **Thread:** one event loop per object; the tables are constant.
///
/// **Must not know:** channels, upstreams, time.
@NullMarked
package io.pm2j.proxy.http;

import org.jspecify.annotations.NullMarked;
