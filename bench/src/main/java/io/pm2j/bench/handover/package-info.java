/// Two ways for a program to give way to its next version, beside each other: `execve` in place, and a successor that
/// is given everything by SCM_RIGHTS. ADR 10 has what came of it.
///
/// **Lives here:** [Trial], which measures, and [Holder], the program that is measured.
///
/// **May come in:** nobody. **Thread:** [Holder] has one event loop and its main thread.
///
/// **Must not know:** the daemon; what spawns, watches and passes descriptors is the supervisor's own code.
@NullMarked
package io.pm2j.bench.handover;

import org.jspecify.annotations.NullMarked;
