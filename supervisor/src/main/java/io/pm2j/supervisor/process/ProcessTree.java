package io.pm2j.supervisor.process;

import io.pm2j.supervisor.process.Posix.Errno;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Signals to a worker's process and everything that belongs to it, as [ProcessTable] finds it at
/// that moment. A signal goes to the very process that was found, even when its number is given
/// to another in between; never to init, to ourselves, or to a tree that we are in. Any thread
/// that may block.
public final class ProcessTree {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessTree.class);
    private static final int SELF = (int) ProcessHandle.current().pid();
    /// How often we look again for processes that were born while we ended the others.
    private static final int MOST_ROUNDS = 8;

    private static final int NOBODY = -1;

    private ProcessTree() {}

    /// The living members, deepest last; `root` itself comes first when it lives.
    public static List<Integer> of(int root) {
        return of(root, "");
    }

    /// As [#of(int)], with those that left the tree but carry the worker's `token`.
    public static List<Integer> of(int root, String token) {
        return ProcessTable.read().tree(root, token);
    }

    /// As [#signal(int, String, Signal)], for a worker without a token.
    public static void signal(int root, Signal signal) {
        signal(root, "", signal);
    }

    /// Sends `signal` to every member. The children hear of it before their parents; but of
    /// SIGKILL, which nobody can answer, the parents go first, so that none starts again what was
    /// ended, and those that were born meanwhile get it as well.
    public static void signal(int root, String token, Signal signal) {
        if (!allowed(root)) {
            return;
        }
        Set<ProcessId> done = new HashSet<>();
        ProcessTable table = ProcessTable.read();
        if (signal != Signal.SIGKILL) {
            signalAll(table.members(root, token, Set.of()).reversed(), signal, done);
            return;
        }
        Optional<ProcessEntry> first = table.entry(root);
        for (int round = 0; round < MOST_ROUNDS; round++) {
            if (round > 0) {
                table = ProcessTable.read();
            }
            boolean numberTaken = table.entry(root)
                    .filter(now -> first.isEmpty() || !first.get().same(now))
                    .isPresent();
            if (!signalAll(table.members(numberTaken ? NOBODY : root, token, Set.of()), signal, done)) {
                return;
            }
        }
    }

    /// Whether anything is left of a worker that has itself ended.
    public static boolean leaves(int root, String token) {
        return allowed(root) && !leftovers(ProcessTable.read(), root, token).isEmpty();
    }

    /// Ends what is left of a worker that has itself ended: members of its session, and what
    /// carries its `token`.
    public static void killLeftovers(int root, String token) {
        if (!allowed(root)) {
            return;
        }
        Set<ProcessId> done = new HashSet<>();
        for (int round = 0; round < MOST_ROUNDS; round++) {
            if (!signalAll(leftovers(ProcessTable.read(), root, token), Signal.SIGKILL, done)) {
                return;
            }
        }
    }

    /// Ends every lost process that carries `token`, and what descends from it.
    public static void killMarked(String token) {
        if (token.isEmpty()) {
            return;
        }
        Set<ProcessId> done = new HashSet<>();
        for (int round = 0; round < MOST_ROUNDS; round++) {
            if (!signalAll(ProcessTable.read().members(NOBODY, token, Set.of()), Signal.SIGKILL, done)) {
                return;
            }
        }
    }

    private static List<ProcessEntry> leftovers(ProcessTable table, int root, String token) {
        // When somebody has the worker's number again, its session is a stranger's.
        boolean numberTaken = table.entry(root).map(entry -> !entry.zombie()).orElse(false);
        return table.members(numberTaken ? NOBODY : root, token, Set.of());
    }

    /// Sends `signal` to one process; one that is gone is fine.
    public static void signalOne(int pid, Signal signal) {
        try (ProcReader reader = new ProcReader()) {
            ProcessEntry entry = allowed(pid) ? reader.read(pid) : null;
            if (entry != null) {
                send(entry, signal, reader);
            }
        }
    }

    private record ProcessId(int pid, long startTicks) {}

    private static boolean allowed(int pid) {
        if (pid <= 1 || pid == SELF) {
            LOG.atError().addKeyValue("pid", pid).log("refused to signal a process that is no worker");
            return false;
        }
        return true;
    }

    /// Whether anybody was signalled who had not been before.
    private static boolean signalAll(List<ProcessEntry> members, Signal signal, Set<ProcessId> done) {
        if (members.stream().anyMatch(entry -> entry.pid() <= 1 || entry.pid() == SELF)) {
            LOG.error("refused to signal a tree that holds init or this process");
            return false;
        }
        boolean any = false;
        try (ProcReader reader = new ProcReader()) {
            for (ProcessEntry entry : members) {
                if (done.add(new ProcessId(entry.pid(), entry.startTicks()))) {
                    send(entry, signal, reader);
                    any = true;
                }
            }
        }
        return any;
    }

    /// The descriptor comes first: after it is open, its number and start time are those of one
    /// process for good.
    private static void send(ProcessEntry entry, Signal signal, ProcReader reader) {
        try {
            int pidfd = PosixProcess.pidfdOpen(entry.pid());
            try {
                ProcessEntry now = reader.read(entry.pid());
                if (now != null && now.same(entry)) {
                    PosixProcess.signal(pidfd, signal.number());
                }
            } finally {
                Posix.close(pidfd);
            }
        } catch (Errno e) {
            if (e.number() != Posix.ESRCH) {
                LOG.atWarn()
                        .addKeyValue("pid", entry.pid())
                        .addKeyValue("cause", e.getMessage())
                        .log("cannot send {}", signal);
            }
        }
    }
}
