package io.pm2j.proxy.forward;

import io.netty.channel.FileRegion;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.Socket;
import io.netty.util.AbstractReferenceCounted;
import io.pm2j.proxy.forward.Pipes.Pipe;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/// What a socket has not taken yet of a pipe: a message in its channel's queue, so that the order of bytes,
/// the deadlines of writing and the end of the connection treat it like any other.
final class PipeRest extends AbstractReferenceCounted implements FileRegion {
    private final Pipes pipes;
    private final Pipe pipe;
    private final Socket to;
    private final long count;
    private long done;

    PipeRest(Pipes pipes, Pipe pipe, Socket to, long count) {
        this.pipes = pipes;
        this.pipe = pipe;
        this.to = to;
        this.count = count;
    }

    /// Straight to the socket: `target` is the same one, in a form that would need a copy.
    @Override
    public long transferTo(WritableByteChannel target, long position) throws IOException {
        int sent = Native.splice(pipe.out().intValue(), -1, to.intValue(), -1, count - done);
        done += sent;
        return sent;
    }

    @Override
    public long position() {
        return 0;
    }

    @Override
    @Deprecated
    public long transfered() {
        return done;
    }

    @Override
    public long transferred() {
        return done;
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    protected void deallocate() {
        if (done == count) {
            pipes.give(pipe);
        } else {
            pipes.close(pipe);
        }
    }

    @Override
    public FileRegion retain() {
        super.retain();
        return this;
    }

    @Override
    public FileRegion retain(int increment) {
        super.retain(increment);
        return this;
    }

    @Override
    public FileRegion touch() {
        return this;
    }

    @Override
    public FileRegion touch(Object hint) {
        return this;
    }
}
