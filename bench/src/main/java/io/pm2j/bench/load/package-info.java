/// A load source that records the fate of every single request.
///
/// **Lives here:** [LoadPlan], [LoadSource], [LoadReport], [Ledger]; the command line is [Main].
///
/// **May come in:** `bench/run` and the whole-product tests. **Thread:** the caller's; one selector loop, no pool.
///
/// **Must not know:** the product. It speaks HTTP/1.1 over plain sockets, with a response reader of its own, so that
/// no library retries, re-frames or forgives anything on its way.
@NullMarked
package io.pm2j.bench.load;

import org.jspecify.annotations.NullMarked;
