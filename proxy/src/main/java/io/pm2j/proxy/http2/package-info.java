/// Heads and bodies between HTTP/2 and HTTP/1.1, which everything behind a client's connection is made for.
///
/// **Lives here:** [RequestHeads], [ResponseHeads], [ChunkedBody].
/// **May come in:** `forward`.
///
/// **Thread:** any; all is a function of its arguments, but for [ChunkedBody], which belongs to one response.
/// **Must not know:** connections, streams, windows.
@NullMarked
package io.pm2j.proxy.http2;

import org.jspecify.annotations.NullMarked;
