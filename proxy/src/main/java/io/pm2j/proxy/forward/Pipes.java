package io.pm2j.proxy.forward;

import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// The pipes of one event loop, empty and ready to be used again, or waiting with what a socket did not take.
final class Pipes {
    /// Each is two descriptors, and holds memory of the kernel while its reader is slow.
    private static final int MOST_OPEN = 128;

    private static final int MOST_SPARE = 4;

    private final ArrayDeque<Pipe> spare = new ArrayDeque<>();
    private int open;

    /// Written at `in`, read at `out`; neither end blocks.
    record Pipe(FileDescriptor out, FileDescriptor in) {}

    /// An empty pipe; null when there are too many already.
    @Nullable
    Pipe take() throws IOException {
        Pipe pipe = spare.pollLast();
        if (pipe != null || open >= MOST_OPEN) {
            return pipe;
        }
        FileDescriptor[] ends = FileDescriptor.pipe();
        open++;
        return new Pipe(ends[0], ends[1]);
    }

    /// Takes back a pipe that is empty again.
    void give(Pipe empty) {
        if (spare.size() < MOST_SPARE) {
            spare.addLast(empty);
        } else {
            close(empty);
        }
    }

    /// Throws a pipe away with what may be in it.
    void close(Pipe pipe) {
        open--;
        closeQuietly(pipe.in());
        closeQuietly(pipe.out());
    }

    void closeSpare() {
        for (Pipe pipe = spare.pollLast(); pipe != null; pipe = spare.pollLast()) {
            close(pipe);
        }
    }

    private static void closeQuietly(FileDescriptor end) {
        try {
            end.close();
        } catch (IOException e) {
            Loop.LOG.debug("a pipe did not close", e);
        }
    }
}
