/// What one request costs the edge with each transport, and with and without splicing.
///
/// **Lives here:** [TransferCost], a program of its own.
///
/// **May come in:** nobody. **Thread:** the main one; what is measured runs on event loops and in other processes.
///
/// **Must not know:** the daemon and the supervisor.
@NullMarked
package io.pm2j.bench.transport;

import org.jspecify.annotations.NullMarked;
