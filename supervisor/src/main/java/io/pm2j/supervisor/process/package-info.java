/// Operating-system processes as the supervisor needs them: spawned with exactly the descriptors
/// meant for them, known by pidfd, ended as whole trees.
///
/// **Lives here:** [Launcher], [LaunchPlan] and [Child], [ExitStatus], [Signal],
/// [ProcessIdentity] (one process for good), [Poller] (one thread that waits for descriptors);
/// [ProcessTable] (all processes at one moment) and what is built on it: [ProcessTree] (signals),
/// [Vitals] (usage), [Strangers] (reaping, with [Subreaper]); [ProcStat], [ListenDetector],
/// [Account]; the foreign-function bindings ([Posix], [PosixProcess], [UnixDatagrams]).
///
/// **May come in:** the rest of the supervisor. **Thread:** any, unless a type says otherwise;
/// callbacks of a [Poller] run on its thread and must not block.
///
/// **Must not know:** apps, restart policies, Node, the proxy.
@NullMarked
package io.pm2j.supervisor.process;

import org.jspecify.annotations.NullMarked;
