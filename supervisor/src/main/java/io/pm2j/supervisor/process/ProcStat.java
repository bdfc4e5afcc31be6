package io.pm2j.supervisor.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/// Processor share and memory of processes, read from /proc.
///
/// The share is of one core, over the time since the last look at the same process, or since the
/// process began when there was none. Thread-safe.
public final class ProcStat {
    /// Clock ticks a second, as the kernel reports times to programs: 100 on every Linux that
    /// Java runs on.
    private static final double TICKS_PER_SECOND = 100;

    private static final long SHORTEST_SPAN_NANOS = 200_000_000;

    /// What a process uses. `memoryBytes` is its resident size.
    public record Usage(double cpuPercent, long memoryBytes) {
        static final Usage NONE = new Usage(0, 0);
    }

    private record Look(long ticks, long atNanos, double cpuPercent) {}

    private final LongSupplier nanoClock;
    private final long pageBytes;
    private final Map<Integer, Look> lastLooks = new ConcurrentHashMap<>();

    public ProcStat() {
        this(System::nanoTime);
    }

    ProcStat(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.pageBytes = PosixProcess.pageBytes();
    }

    /// The present usage; zeros when the process is gone.
    public Usage of(int pid, long runningMillis) {
        try {
            Path proc = Path.of("/proc", String.valueOf(pid));
            String stat = Files.readString(proc.resolve("stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
            long pages = Long.parseLong(fields[21]);
            return new Usage(cpuPercent(pid, ticks, runningMillis), pages * pageBytes);
        } catch (IOException | RuntimeException e) {
            forget(pid);
            return Usage.NONE;
        }
    }

    /// Forgets a process that has ended.
    public void forget(int pid) {
        lastLooks.remove(pid);
    }

    private double cpuPercent(int pid, long ticks, long runningMillis) {
        long now = nanoClock.getAsLong();
        Look last = lastLooks.get(pid);
        if (last != null && now - last.atNanos < SHORTEST_SPAN_NANOS) {
            return last.cpuPercent;
        }
        double percent = last == null
                ? share(ticks, Math.max(1, runningMillis) / 1e3)
                : share(ticks - last.ticks, (now - last.atNanos) / 1e9);
        lastLooks.put(pid, new Look(ticks, now, percent));
        return percent;
    }

    private static double share(long ticks, double seconds) {
        return Math.round(1_000 * ticks / TICKS_PER_SECOND / seconds) / 10.0;
    }
}
