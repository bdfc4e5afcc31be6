package io.pm2j.supervisor.process;

import io.pm2j.supervisor.process.ProcStat.Usage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Processor share and memory of whole trees.
///
/// The memory is the sum of the resident sizes, so pages that processes share count for each of
/// them. The share is of one core over the time since the last look at the same tree, or since
/// its root began when there was none: 200 are two busy cores. What a process used after the last
/// look and before its own end is not seen. Thread-safe.
public final class Vitals {
    private static final long NANOS_PER_TICK = 1_000_000_000 / ProcessEntry.TICKS_PER_SECOND;
    /// Ticks are too coarse for a share over less; the one of before is told again.
    private static final long SHORTEST_SPAN_NANOS = 200_000_000;

    private final long pageBytes = PosixProcess.pageBytes();
    private Map<Integer, Look> lastLooks = Map.of();

    /// A tree at an earlier time: when, the share of then, and its processes.
    private record Look(long rootStartTicks, long bootNanos, double cpuPercent, Map<Integer, ProcessEntry> members) {}

    /// What each tree uses now, by its root; a tree without a living process is left out.
    /// `tokens` holds the token (empty for none) of each root.
    public Map<Integer, Usage> look(Map<Integer, String> tokens) {
        return look(ProcessTable.read(), tokens);
    }

    /// As [#look(Map)], from a table that the caller has read for more than this.
    public synchronized Map<Integer, Usage> look(ProcessTable table, Map<Integer, String> tokens) {
        Map<Integer, Usage> usages = HashMap.newHashMap(tokens.size());
        Map<Integer, Look> looks = HashMap.newHashMap(tokens.size());
        tokens.forEach((root, token) -> {
            List<ProcessEntry> members = table.members(root, token, tokens.keySet());
            if (!members.isEmpty()) {
                Look look = look(root, members, table.bootNanos());
                looks.put(root, look);
                long pages = members.stream().mapToLong(ProcessEntry::pages).sum();
                usages.put(root, new Usage(look.cpuPercent, pages * pageBytes));
            }
        });
        // What others look at stays known while it lives.
        lastLooks.forEach((root, look) -> {
            if (!tokens.containsKey(root) && table.entry(root).isPresent()) {
                looks.put(root, look);
            }
        });
        lastLooks = looks;
        return usages;
    }

    private Look look(int root, List<ProcessEntry> members, long now) {
        // The root comes first while it lives; a tree that lost it goes on under its number.
        ProcessEntry first = members.getFirst();
        Look last = lastLooks.get(root);
        if (last != null && first.pid() == root && first.startTicks() != last.rootStartTicks) {
            last = null;
        }
        if (last != null && now - last.bootNanos < SHORTEST_SPAN_NANOS) {
            return last;
        }
        long since = last == null ? first.startTicks() * NANOS_PER_TICK : last.bootNanos;
        Map<Integer, ProcessEntry> known = last == null ? Map.of() : last.members;
        long ticks = 0;
        Map<Integer, ProcessEntry> byPid = HashMap.newHashMap(members.size());
        for (ProcessEntry member : members) {
            ticks += ticksSince(since, member, known.get(member.pid()));
            byPid.put(member.pid(), member);
        }
        long rootStart = last == null || first.pid() == root ? first.startTicks() : last.rootStartTicks;
        // A tree that has just begun is told too little rather than far too much.
        return new Look(rootStart, now, percent(ticks, Math.max(now - since, SHORTEST_SPAN_NANOS)), byPid);
    }

    private static long ticksSince(long sinceNanos, ProcessEntry member, @Nullable ProcessEntry before) {
        if (before != null && before.same(member)) {
            return Math.max(0, member.ticks() - before.ticks());
        }
        // One that joined the tree is counted from its start, unless that was before the time we look at.
        boolean bornSince = (member.startTicks() + 1) * NANOS_PER_TICK >= sinceNanos;
        return bornSince ? member.ticks() : 0;
    }

    private static double percent(long ticks, long spanNanos) {
        return Math.round(1_000.0 * ticks * NANOS_PER_TICK / spanNanos) / 10.0;
    }
}
