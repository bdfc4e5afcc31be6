package io.pm2j.supervisor.process;

import java.io.File;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// Every process of the system at one moment, from one pass over /proc, and which of them belong
/// together.
///
/// A worker's tree is its process, what descends from it, what is in its session, and what left
/// both (it forked twice and called setsid) but still carries the worker's marker: every worker
/// is started with the environment variable [#WORKER_VARIABLE] set to a token of its own. The
/// environment is only read of processes that lost their parent, once for each, when a tree with
/// a token is asked for. Immutable; thread-safe.
public final class ProcessTable {
    /// The environment variable that tells whose a process without a parent is.
    public static final String WORKER_VARIABLE = "PM2J_WORKER";

    private static final File PROC = new File("/proc");
    private static final int INIT = 1;
    private static final int SELF = (int) ProcessHandle.current().pid();

    private static final WorkerMarkers MARKERS = new WorkerMarkers();

    private final long bootNanos;
    private final Map<Integer, ProcessEntry> byPid;
    private final Map<Integer, List<ProcessEntry>> byParent = new HashMap<>();
    private final Map<Integer, List<ProcessEntry>> bySession = new HashMap<>();
    private final List<ProcessEntry> orphans;
    private final Function<ProcessEntry, String> markers;

    ProcessTable(long bootNanos, int self, Collection<ProcessEntry> entries, Function<ProcessEntry, String> markers) {
        this.bootNanos = bootNanos;
        this.markers = markers;
        this.byPid = HashMap.newHashMap(entries.size());
        for (ProcessEntry entry : entries) {
            byPid.put(entry.pid(), entry);
            byParent.computeIfAbsent(entry.parent(), _ -> new ArrayList<>()).add(entry);
            bySession.computeIfAbsent(entry.session(), _ -> new ArrayList<>()).add(entry);
        }
        this.orphans = orphans(self);
    }

    /// Looks at every process. Any thread that may block; around 10 microseconds a process.
    public static ProcessTable read() {
        List<ProcessEntry> entries = new ArrayList<>();
        String[] names = PROC.list();
        try (ProcReader reader = new ProcReader()) {
            for (String name : names == null ? new String[0] : names) {
                ProcessEntry entry = isNumber(name) ? reader.read(Integer.parseInt(name)) : null;
                if (entry != null) {
                    entries.add(entry);
                }
            }
        }
        return new ProcessTable(PosixProcess.bootNanos(), SELF, entries, MARKERS::of);
    }

    private static boolean isNumber(String name) {
        return name.charAt(0) >= '1' && name.charAt(0) <= '9';
    }

    /// The process `pid`, if it was there.
    public Optional<ProcessEntry> entry(int pid) {
        return Optional.ofNullable(byPid.get(pid));
    }

    /// The children of `pid`, zombies too.
    List<ProcessEntry> childrenOf(int pid) {
        return byParent.getOrDefault(pid, List.of());
    }

    int size() {
        return byPid.size();
    }

    /// When the table was read, on the clock that [ProcessEntry#startTicks] is told by.
    long bootNanos() {
        return bootNanos;
    }

    /// The living members of a tree without a token.
    public List<Integer> tree(int root) {
        return tree(root, "");
    }

    /// The living processes of the worker `root`, whose marker is `token` (empty for none):
    /// `root` itself first when it lives, deepest last.
    public List<Integer> tree(int root, String token) {
        return members(root, token, Set.of()).stream().map(ProcessEntry::pid).toList();
    }

    /// As [#tree(int, String)]; of `otherRoots` it is known that they are workers themselves, not
    /// lost processes.
    List<ProcessEntry> members(int root, String token, Set<Integer> otherRoots) {
        List<ProcessEntry> found = new ArrayList<>();
        Map<Integer, Integer> depths = new HashMap<>();
        entry(root).ifPresent(entry -> join(entry, 0, found, depths));
        // Descendants of the root first, so that their depth is told from it.
        descend(found, depths, 0);
        int rooted = found.size();
        bySession.getOrDefault(root, List.of()).forEach(entry -> join(entry, 1, found, depths));
        if (!token.isEmpty()) {
            orphans.stream()
                    .filter(entry -> !otherRoots.contains(entry.pid()) && token.equals(markers.apply(entry)))
                    .forEach(entry -> join(entry, 1, found, depths));
        }
        descend(found, depths, rooted);
        found.removeIf(ProcessEntry::zombie);
        found.sort(Comparator.comparingInt(entry -> depths.getOrDefault(entry.pid(), 0)));
        return found;
    }

    private static void join(ProcessEntry entry, int depth, List<ProcessEntry> found, Map<Integer, Integer> depths) {
        if (depths.putIfAbsent(entry.pid(), depth) == null) {
            found.add(entry);
        }
    }

    private void descend(List<ProcessEntry> found, Map<Integer, Integer> depths, int from) {
        for (int i = from; i < found.size(); i++) {
            int parent = found.get(i).pid();
            int depth = depths.getOrDefault(parent, 0) + 1;
            childrenOf(parent).forEach(child -> join(child, depth, found, depths));
        }
    }

    // --- lost processes ----------------------------------------------------------------------------------

    /// Processes whose parent is one that takes orphans in: init, we ourselves, or what we
    /// descend from (a session's own reaper). We ourselves are nobody's.
    private List<ProcessEntry> orphans(int self) {
        Set<Integer> takers = new HashSet<>(List.of(INIT, self));
        ProcessEntry ancestor = byPid.get(self);
        while (ancestor != null && takers.add(ancestor.parent())) {
            ancestor = byPid.get(ancestor.parent());
        }
        List<ProcessEntry> lost = new ArrayList<>();
        for (int taker : takers) {
            for (ProcessEntry child : childrenOf(taker)) {
                if (child.pid() != self && !child.zombie()) {
                    lost.add(child);
                }
            }
        }
        return lost;
    }
}
