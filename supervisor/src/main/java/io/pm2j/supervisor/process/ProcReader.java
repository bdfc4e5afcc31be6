package io.pm2j.supervisor.process;

import io.pm2j.supervisor.process.Posix.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// Reads many stat files with three system calls each and one set of buffers. One thread.
final class ProcReader implements AutoCloseable {
    private static final int PATH_BYTES = 64;
    /// A stat file holds 52 numbers at most and a name of 64 bytes at most.
    private static final int STAT_BYTES = 2_048;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment slot = Posix.errnoSlot(arena);
    private final MemorySegment path = arena.allocate(PATH_BYTES);
    private final MemorySegment target = arena.allocate(STAT_BYTES);
    private final byte[] bytes = new byte[STAT_BYTES];

    /// The process `pid`; null when it is gone or not ours to see.
    @Nullable
    ProcessEntry read(int pid) {
        path.setString(0, "/proc/" + pid + "/stat");
        int fd;
        try {
            fd = Posix.open(path, Posix.O_RDONLY, slot);
        } catch (Errno e) {
            return null;
        }
        try {
            int count = Posix.read(fd, target, slot);
            if (count <= 0) {
                return null;
            }
            MemorySegment.copy(target, ValueLayout.JAVA_BYTE, 0, bytes, 0, count);
            return ProcessEntry.parse(pid, bytes, count);
        } catch (Errno e) {
            return null; // it ended while we looked
        } finally {
            Posix.close(fd);
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
