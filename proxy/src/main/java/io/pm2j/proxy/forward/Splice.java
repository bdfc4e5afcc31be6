package io.pm2j.proxy.forward;

import io.netty.channel.epoll.Native;
import io.netty.channel.unix.Socket;
import io.pm2j.proxy.forward.Pipes.Pipe;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Moves bytes from one socket of a loop to another inside the kernel (splice(2)): they are never copied into
/// this process.
///
/// ```
/// socket ──► pipe ──► socket
///              └─ what the second does not take stays in its pipe, and that waits in the channel's queue
/// ```
/// A step has two halves. [#move] runs where a channel is about to read, and nothing may be closed there, so it
/// makes system calls and no more. When the read is over, its wire takes the outcome by [#settle] and does
/// what follows from it. The read itself comes after the splice and finds the end, or an error, as ever.
///
/// It pays where much is at hand: a wire asks for it after a read that filled the whole buffer, until a step
/// moved little.
final class Splice {
    /// Less than this is read and sent with fewer system calls.
    static final long LEAST = 64 * 1024;
    /// After so much it is another connection's turn.
    private static final long MOST_AT_ONCE = 1024 * 1024;

    private static final long LITTLE = 32 * 1024;

    private final Pipes pipes = new Pipes();
    private boolean able;
    private @Nullable Wire from;
    private @Nullable Wire to;
    /// What the target has not taken, in `pipe`.
    private long rest;

    private @Nullable Pipe pipe;
    private long moved;
    private boolean fromFailed;
    private boolean toFailed;

    Splice(boolean wanted) {
        able = wanted;
    }

    /// Moves at most `most` bytes of what is at hand, when that is enough to be worth it.
    void move(Wire source, Wire target, long most) {
        Socket in = source.spliced();
        Socket out = target.spliced();
        if (!able || from != null || in == null || out == null || most < LEAST || !target.takesSpliced()) {
            return;
        }
        from = source;
        to = target;
        moved = 0;
        rest = 0;
        fromFailed = false;
        toFailed = false;
        try {
            pipe = pipes.take();
        } catch (IOException e) {
            Loop.LOG.warn("no pipes for splicing: large bodies are copied from now on", e);
            able = false;
        }
        Pipe through = pipe;
        if (through != null) {
            while (rest == 0 && moved < Math.min(most, MOST_AT_ONCE) && step(in, through, out, most - moved)) {}
            source.plenty = moved >= LITTLE;
        }
    }

    /// False when nothing came, or something failed.
    private boolean step(Socket in, Pipe through, Socket out, long most) {
        try {
            rest = Native.splice(in.intValue(), -1, through.in().intValue(), -1, Math.min(most, MOST_AT_ONCE));
        } catch (IOException e) {
            fromFailed = true;
            return false;
        }
        moved += rest;
        boolean came = rest > 0;
        try {
            while (rest > 0) {
                int sent = Native.splice(through.out().intValue(), -1, out.intValue(), -1, rest);
                if (sent == 0) {
                    break;
                }
                rest -= sent;
            }
        } catch (IOException e) {
            toFailed = true;
            return false;
        }
        return came;
    }

    /// Whether `wire` has a step whose outcome it has not taken yet.
    boolean isOf(Wire wire) {
        return from == wire;
    }

    /// Tells how many bytes have left `from`, and queues at the target what that has not taken; reading is then
    /// paused until it has.
    long settle() {
        Wire source = from;
        Wire target = to;
        Pipe through = pipe;
        from = null;
        to = null;
        pipe = null;
        if (source == null || target == null || through == null) {
            return 0;
        }
        source.loop.tally.add(Count.BYTES_SPLICED, moved);
        Socket out = target.spliced();
        if (rest == 0) {
            pipes.give(through);
        } else if (toFailed || out == null || !target.takesSpliced()) {
            pipes.close(through);
            toFailed = true;
        } else {
            source.reading(false);
            target.queue(new PipeRest(pipes, through, out, rest));
            target.afterFlush(_ -> source.drained());
        }
        return moved;
    }

    /// The source has failed, as told after [#settle].
    boolean fromFailed() {
        return fromFailed;
    }

    /// The target takes nothing more.
    boolean toFailed() {
        return toFailed;
    }

    void close() {
        able = false;
        pipes.closeSpare();
    }
}
