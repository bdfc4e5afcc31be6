/// Measurements: the whole path beside its peers, and the load source that tells the truth about it.
///
/// **Lives here:** the load source in `io.pm2j.bench.load`; the comparison itself is the script `bench/run`.
///
/// **May come in:** the whole-product tests. **Thread:** the caller's.
///
/// **Must not know:** how the product works inside; it is measured from outside, through sockets and `/proc`.
@NullMarked
package io.pm2j.bench;

import org.jspecify.annotations.NullMarked;
