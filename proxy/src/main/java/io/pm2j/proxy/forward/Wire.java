package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// One socket on its loop: sending with one system call where possible, pausing, half-close.
///
/// While nothing is queued, [#send] writes straight to the socket. What the socket does not take goes
/// through the channel's own queue, and the direct way stays shut until that queue has drained, so the
/// order of bytes is kept and the write watermarks hold.
abstract class Wire extends ChannelInboundHandlerAdapter {
    /// A rest smaller than this is copied out of the shared read buffer rather than keeping all of it.
    private static final int COPY_BELOW = 16 * 1024;

    final Loop loop;
    private @Nullable Channel channel;
    private @Nullable Socket socket;
    private int queued;
    private boolean outputEnded;
    boolean inputEnded;

    private final ChannelFutureListener sent = f -> {
        queued--;
        if (!f.isSuccess()) {
            f.channel().close();
        }
    };

    Wire(Loop loop) {
        this.loop = loop;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        ctx.channel().config().setRecvByteBufAllocator(loop.reads());
        ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        if (loop.options.directSend() && ctx.channel() instanceof UnixChannel unix && unix.fd() instanceof Socket s) {
            socket = s;
        }
    }

    final Channel channel() {
        Channel known = channel;
        if (known == null) {
            throw new IllegalStateException("not on a channel yet");
        }
        return known;
    }

    /// Sends `[from, from + length)` of `buf`, whose reference count and indices stay as they are.
    /// False when the connection is broken and nothing of it was sent.
    final boolean send(ByteBuf buf, int from, int length) {
        if (length == 0) {
            return true;
        }
        Channel ch = channel();
        if (!ch.isActive() || outputEnded) {
            return false;
        }
        int done = 0;
        Socket direct = socket;
        if (direct != null && queued == 0 && buf.hasMemoryAddress()) {
            try {
                done = Math.max(0, direct.sendAddress(buf.memoryAddress(), from, from + length));
            } catch (IOException e) {
                return false;
            }
            if (done == length) {
                return true;
            }
        }
        queue(buf, from + done, length - done);
        return true;
    }

    private void queue(ByteBuf buf, int from, int length) {
        Channel ch = channel();
        boolean copy = buf == loop.out || length < COPY_BELOW;
        ByteBuf rest =
                copy ? ch.alloc().directBuffer(length).writeBytes(buf, from, length) : buf.retainedSlice(from, length);
        queue(rest);
    }

    /// Queues a message that is released when written.
    final void queue(Object message) {
        queued++;
        channel().writeAndFlush(message).addListener(sent);
    }

    final boolean hasQueued() {
        return queued > 0;
    }

    final boolean writable() {
        return channel().isWritable();
    }

    final void reading(boolean on) {
        Channel ch = channel();
        boolean wanted = on && !inputEnded;
        if (ch.config().isAutoRead() != wanted) {
            ch.config().setAutoRead(wanted);
        }
    }

    /// Sends FIN after what is queued.
    final void endOutput() {
        if (outputEnded) {
            return;
        }
        outputEnded = true;
        afterFlush(ch -> ((DuplexChannel) ch).shutdownOutput());
    }

    final void closeAfterFlush() {
        afterFlush(Channel::close);
    }

    final void afterFlush(java.util.function.Consumer<Channel> what) {
        Channel ch = channel();
        if (queued == 0) {
            what.accept(ch);
        } else {
            ch.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((ChannelFutureListener) f -> what.accept(f.channel()));
        }
    }

    /// Ends the connection so that the peer cannot take what it has for the whole.
    final void reset() {
        Channel ch = channel();
        ch.config().setOption(ChannelOption.SO_LINGER, 0);
        ch.close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE && !inputEnded) {
            inputEnded = true;
            // A socket at its end stays readable for ever: stop asking.
            ctx.channel().config().setAutoRead(false);
            inputEnded();
        }
    }

    /// The peer has sent FIN; bytes may still be sent to it.
    abstract void inputEnded();

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            Loop.LOG.warn("closing a connection after an unexpected failure", cause);
        }
        ctx.close();
    }

    /// `first` (released here) and `second` in one new buffer.
    static ByteBuf join(@Nullable ByteBuf first, ByteBuf second, Channel ch) {
        int length = second.readableBytes() + (first == null ? 0 : first.readableBytes());
        ByteBuf both = ch.alloc().directBuffer(length);
        if (first != null) {
            both.writeBytes(first);
            first.release();
        }
        return both.writeBytes(second, second.readerIndex(), second.readableBytes());
    }
}
