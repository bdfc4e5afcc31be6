package io.pm2j.supervisor.log;

import io.pm2j.supervisor.process.Poller;
import io.pm2j.supervisor.process.Posix;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// Where all output comes in: one poller thread and one block of memory for the pipes of all
/// workers.
///
/// Each turn takes no more than 64 KiB of one pipe and writes it before the next pipe has its
/// turn. Nothing is queued: an app that prints faster than the disk takes waits in its own write,
/// and no other app does.
public final class LogIntake {
    static final int READ_BYTES = 64 * 1024;

    private final Poller poller;
    private final LogShelf shelf;
    private final LogFeed feed;

    // Confined to the poller's thread.
    private final ByteBuffer block = ByteBuffer.allocateDirect(LineFramer.LONGEST_BYTES + READ_BYTES);
    private final MemorySegment memory = MemorySegment.ofBuffer(block);
    private final LineRendering.Scratch scratch = new LineRendering.Scratch();

    public LogIntake(Poller poller, LogShelf shelf, LogFeed feed) {
        this.poller = poller;
        this.shelf = shelf;
        this.feed = feed;
    }

    /// Starts to pump what `source` prints into `pipe`. The pump owns `pipe` from now on, uses
    /// its files until it ends, and remembers the last lines in `last`.
    ///
    /// @throws IOException when the pipe cannot be watched; it then stays the caller's
    public LogPump pump(int pipe, LogSource source, LogTargets targets, LogPump.LastLines last) throws IOException {
        return pump(new LogPump.Left(pipe, source.stream(), new byte[0]), source, targets, last);
    }

    /// As [#pump(int, LogSource, LogTargets, LogPump.LastLines)], from where another one was.
    public LogPump pump(LogPump.Left from, LogSource source, LogTargets targets, LogPump.LastLines last)
            throws IOException {
        int pipe = from.pipe();
        LogPump pump = new LogPump(this, pipe, source, targets, last, from.rest());
        try {
            poller.watch(pipe, _ -> pump.ready());
        } catch (IOException e) {
            pump.releaseFiles();
            throw e;
        }
        return pump;
    }

    LogShelf shelf() {
        return shelf;
    }

    LogFeed feed() {
        return feed;
    }

    LineRendering.Scratch scratch() {
        return scratch;
    }

    /// Reads what is there into the block, behind the bytes that `framer` carries.
    ///
    /// @return the count, 0 at the end of the stream, or -1 when nothing is there yet
    int read(int pipe, LineFramer framer) throws IOException {
        framer.begin(block);
        int count = Posix.receiveInto(pipe, memory.asSlice(block.position(), READ_BYTES));
        block.limit(block.position() + Math.max(0, count));
        return count;
    }

    ByteBuffer block() {
        return block;
    }

    void forget(int pipe) {
        poller.forget(pipe);
        Posix.close(pipe);
    }
}
