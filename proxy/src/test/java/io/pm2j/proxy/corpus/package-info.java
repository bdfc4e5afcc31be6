/// Malformed and ambiguous HTTP/1.1 as data, and a second, slow and plain reading of the same rules.
///
/// **Lives here:** [RequestCase], [ResponseCase], [ReferenceReading], [ByteText].
///
/// **Must not know:** how the proxy reads; it is judged by this.
package io.pm2j.proxy.corpus;
