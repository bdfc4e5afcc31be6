package io.pm2j.supervisor.process;

import io.pm2j.supervisor.process.Posix.Errno;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reaps children that nobody started here: orphans given to us as a subreaper, or everything
/// when we are the first process of a container.
///
/// A child is a stranger when no launcher knows it and it was a zombie in two tables in a row.
/// Our own workers are reaped through their descriptors within milliseconds, as are children of
/// the Java runtime by its own threads; the tables are to be seconds apart. One thread.
public final class Strangers {
    private static final Logger LOG = LoggerFactory.getLogger(Strangers.class);

    private final IntPredicate owned;
    private final int self;
    private @Nullable ProcessTable lastTable;
    private Map<Integer, ProcessEntry> suspects = Map.of();

    /// `owned` tells whether a process has an owner who will reap it: [Launcher#owns].
    public Strangers(IntPredicate owned) {
        this.owned = owned;
        this.self = (int) ProcessHandle.current().pid();
    }

    /// Reaps the strangers that were zombies in the table before and are in this one.
    ///
    /// @return how many were reaped
    public int reap(ProcessTable table) {
        if (table == lastTable) {
            return 0;
        }
        int reaped = 0;
        Map<Integer, ProcessEntry> zombies = new HashMap<>();
        for (ProcessEntry child : table.childrenOf(self)) {
            if (!child.zombie() || owned.test(child.pid())) {
                continue;
            }
            ProcessEntry before = suspects.get(child.pid());
            if (before != null && before.same(child)) {
                reaped += reap(child.pid()) ? 1 : 0;
            } else {
                zombies.put(child.pid(), child);
            }
        }
        lastTable = table;
        suspects = zombies;
        return reaped;
    }

    /// Whether there were zombies in the last table that may be strangers.
    public boolean suspecting() {
        return !suspects.isEmpty();
    }

    private static boolean reap(int pid) {
        try {
            ExitStatus status = PosixProcess.reapChild(pid);
            if (status == null || status instanceof ExitStatus.Unseen) {
                return false;
            }
            LOG.atDebug().addKeyValue("pid", pid).log("reaped an orphan: {}", status.text());
            return true;
        } catch (Errno e) {
            LOG.atWarn()
                    .addKeyValue("pid", pid)
                    .addKeyValue("cause", e.getMessage())
                    .log("cannot reap an orphan");
            return false;
        }
    }
}
