package io.pm2j.supervisor.process;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// One process as `/proc/PID/stat` tells it (proc_pid_stat(5)).
///
/// `ticks` is the processor time it has used and `startTicks` when it began, after the start of
/// the system, both in hundredths of a second; `pages` is its resident size.
public record ProcessEntry(int pid, int parent, int session, char state, long ticks, long startTicks, long pages) {
    /// Clock ticks a second, as the kernel reports times to programs: 100 on every Linux that
    /// Java runs on.
    static final int TICKS_PER_SECOND = 100;

    private static final int STATE = 0;
    private static final int PARENT = 1;
    private static final int SESSION = 3;
    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;
    private static final int START_TICKS = 19;
    private static final int PAGES = 21;

    /// Whether it has ended and only waits to be reaped.
    public boolean zombie() {
        return state == 'Z' || state == 'X';
    }

    /// Whether `other` is the same process, at another time.
    boolean same(ProcessEntry other) {
        return pid == other.pid && startTicks == other.startTicks;
    }

    /// Reads the first `length` bytes of a stat file; null when they are none.
    static @Nullable ProcessEntry parse(int pid, byte[] stat, int length) {
        // The name, in parentheses, may hold blanks and parentheses of its own.
        int nameEnd = length - 1;
        while (nameEnd >= 0 && stat[nameEnd] != ')') {
            nameEnd--;
        }
        if (nameEnd < 0 || nameEnd + 2 >= length) {
            return null;
        }
        String[] fields = new String(stat, nameEnd + 2, length - nameEnd - 2, StandardCharsets.ISO_8859_1).split(" ");
        if (fields.length <= PAGES || fields[STATE].isEmpty()) {
            return null;
        }
        try {
            return new ProcessEntry(
                    pid,
                    Integer.parseInt(fields[PARENT]),
                    Integer.parseInt(fields[SESSION]),
                    fields[STATE].charAt(0),
                    Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS]),
                    Long.parseLong(fields[START_TICKS]),
                    Long.parseLong(fields[PAGES]));
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
