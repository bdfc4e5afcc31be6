package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// One socket on its loop: sending with one system call where possible, pausing, half-close.
///
/// While nothing is queued, [#send] writes straight to the socket. What the socket does not take goes
/// through the channel's own queue, and the direct way stays shut until that queue has drained, so the
/// order of bytes is kept and the write watermarks hold.
abstract class Wire extends Timed {
    /// A rest smaller than this is copied out of the shared read buffer rather than keeping all of it.
    private static final int COPY_BELOW = 16 * 1024;
    private static final int KEEPALIVE_IDLE_SECONDS = 60;
    private static final int KEEPALIVE_STEP_SECONDS = 15;
    private static final int KEEPALIVE_PROBES = 4;
    /// The state of a TCP socket that has the peer's FIN and has not sent its own.
    private static final int CLOSE_WAIT = 8;

    private static final WriteBufferWaterMark ONE_PIECE = new WriteBufferWaterMark(1, 1);

    final Loop loop;
    private @Nullable Channel channel;
    /// Where bytes can be moved without the channel knowing; null with other transports than epoll.
    private @Nullable Socket socket;
    private boolean direct;
    /// The last read has filled the whole buffer, or the last splice has moved much.
    boolean plenty;
    private int queued;
    /// The memory that holds what is queued, since the queue was last empty.
    private long kept;
    private boolean outputEnded;
    /// Only what is queued is still to be sent, and then the connection is closed.
    private boolean ending;
    boolean inputEnded;
    /// It was paused at the peer's FIN. Its channel wants no event now, and Netty has taken it out of the
    /// epoll set for that, into which it comes only by registering anew.
    private boolean aside;
    private boolean returning;
    /// The peer has reset it, or is gone.
    private boolean broken;
    /// When this side last moved, or was allowed to; what counts as moving is the subclass's to say.
    long movedMs;

    /// When the socket last took some of the queue, and how far it was then.
    private long tookMs;

    private long taken;
    private long lookedMs;
    /// Messages that have left the queue.
    private int gone;

    private final ChannelFutureListener sent = this::left;

    Wire(Loop loop) {
        this.loop = loop;
    }

    private void left(ChannelFuture f) {
        gone++;
        if (--queued == 0) {
            loop.kept(-kept);
            kept = 0;
        }
        if (!f.isSuccess()) {
            broken |= !(f.cause() instanceof ClosedChannelException);
            cut(f.channel());
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        if (secured()) {
            // What is sent and read is not what the socket has.
            return;
        }
        if (ctx.channel() instanceof AbstractEpollStreamChannel stream && stream.fd() instanceof Socket s) {
            socket = s;
            direct = loop.options.directSend();
            if (direct) {
                // What is queued is what the kernel has no room for: one piece of that is enough.
                ctx.channel().config().setWriteBufferWaterMark(ONE_PIECE);
            }
        }
        loop.reads(ctx.channel(), spliced() == null ? null : this);
    }

    /// Whether TLS stands between it and its socket.
    boolean secured() {
        return false;
    }

    /// The socket bytes may be spliced from or to; null where that cannot be, or does not pay: out of a Unix socket
    /// a splice costs more than the copy it saves.
    final @Nullable Socket spliced() {
        return channel instanceof EpollSocketChannel ? socket : null;
    }

    /// Whether spliced bytes would follow those sent before.
    final boolean takesSpliced() {
        return queued == 0 && !outputEnded && channel().isActive();
    }

    /// A read is about to be made: what can be spliced is to be spliced before it. Nothing else may be done here.
    abstract void splice();

    /// Does what follows from a splice; `after` is what was read behind it.
    abstract void spliced(ByteBuf after);

    /// What was left in a pipe has been taken: reading may go on.
    abstract void drained();

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (loop.splice.isOf(this)) {
            spliced(Unpooled.EMPTY_BUFFER);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        loop.deadlines.leave(this);
    }

    @Override
    final void lookFailed(RuntimeException why) {
        Loop.LOG.warn("a connection's deadline failed", why);
        cut();
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
        Socket straight = socket;
        if (direct && straight != null && queued == 0 && buf.hasMemoryAddress()) {
            try {
                done = Math.max(0, straight.sendAddress(buf.memoryAddress(), from, from + length));
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
        int held = copy ? length : buf.capacity();
        kept += held;
        loop.kept(held);
        ByteBuf rest =
                copy ? ch.alloc().directBuffer(length).writeBytes(buf, from, length) : buf.retainedSlice(from, length);
        queue(rest);
    }

    /// Queues a message that is released when written.
    final void queue(Object message) {
        boolean first = queued++ == 0;
        channel().writeAndFlush(message).addListener(sent);
        if (first && queued > 0) {
            taken = taken();
            tookMs = loop.soonMs();
            lookedMs = tookMs;
            loop.deadlines.by(this, loop.nowMs() + loop.writeLookMs);
        }
    }

    final boolean hasQueued() {
        return queued > 0;
    }

    /// Whether the socket has taken some of the queue since this was asked last.
    final boolean tookSome(long nowMs) {
        long now = taken();
        boolean some = now != taken || queued > 0 && kernelSentWithin(nowMs - lookedMs);
        taken = now;
        lookedMs = nowMs;
        if (some) {
            tookMs = nowMs;
        }
        return some;
    }

    /// Something that changes with every byte the socket takes from the queue.
    private long taken() {
        ChannelOutboundBuffer out = channel().unsafe().outboundBuffer();
        Http2Stream stream = out == null ? channel().pipeline().get(Http2Stream.class) : null;
        long within = stream != null ? stream.sent() : out == null ? 0 : out.currentProgress();
        return ((long) gone << 40) + within;
    }

    /// A slow reader can take for minutes from the kernel's own buffer before there is room for more in it.
    private boolean kernelSentWithin(long ms) {
        if (!(channel instanceof EpollSocketChannel tcp) || !tcp.isActive()) {
            return false;
        }
        EpollTcpInfo info = loop.tcpInfo;
        tcp.tcpInfo(info);
        // What is sent again, or only to ask for room, is not taken by anybody.
        return info.lastDataSent() < ms && info.retransmits() == 0 && info.probes() == 0;
    }

    /// When to look at the queue again; now or earlier when the socket has taken nothing of it for `limitMs`.
    final long writeDue(long nowMs, long limitMs) {
        if (queued == 0 || limitMs == NEVER) {
            return NEVER;
        }
        return tookSome(nowMs) || nowMs < tookMs + limitMs
                ? Math.max(nowMs + 1, Math.min(tookMs + limitMs, nowMs + loop.writeLookMs))
                : nowMs;
    }

    final boolean ending() {
        return ending;
    }

    final boolean writable() {
        return channel().isWritable();
    }

    final void reading(boolean on) {
        Channel ch = channel();
        if (aside) {
            if (on && !returning) {
                returning = true;
                ch.deregister().addListener(_ -> comeBack(ch));
            }
            return;
        }
        boolean wanted = on && !inputEnded;
        if (ch.config().isAutoRead() != wanted) {
            ch.config().setAutoRead(wanted);
            movedMs = loop.soonMs();
        }
    }

    /// Whether it is paused and the peer's FIN has come: what is left stays in the kernel until somebody wants it.
    final boolean pausedAtFin() {
        if (!(channel instanceof EpollSocketChannel tcp) || isReading() || !waitsAtFin()) {
            return false;
        }
        // Once it is reset or closed, that is to be seen at once.
        tcp.tcpInfo(loop.tcpInfo);
        return loop.tcpInfo.state() == CLOSE_WAIT;
    }

    /// Whether a FIN may wait while it is paused: nothing is sent any more, and nobody waits for the end.
    abstract boolean waitsAtFin();

    private void comeBack(Channel ch) {
        returning = false;
        if (ch.isOpen()) {
            loop.events.register(ch);
            aside = false;
            reading(true);
        }
    }

    /// The number of its socket.
    final int descriptor() {
        return ((UnixChannel) channel()).fd().intValue();
    }

    /// Whether it is a Unix socket.
    final boolean unix() {
        return !(channel() instanceof EpollSocketChannel);
    }

    /// Whether nothing can be sent any more: with the peer's farewell BoringSSL ends both directions.
    final boolean isOutputOver() {
        SslHandler tls = secured() ? channel().pipeline().get(SslHandler.class) : null;
        return tls != null && tls.engine().isOutboundDone();
    }

    final boolean isReading() {
        return channel().config().isAutoRead();
    }

    /// Whether the peer ended it without a FIN.
    final boolean broken() {
        return broken;
    }

    /// Sends FIN after what is queued.
    final void endOutput() {
        if (outputEnded) {
            return;
        }
        outputEnded = true;
        afterFlush(ch -> {
            SslHandler tls = secured() ? ch.pipeline().get(SslHandler.class) : null;
            if (tls == null) {
                ((DuplexChannel) ch).shutdownOutput();
            } else {
                tls.closeOutbound().addListener(_ -> ((DuplexChannel) ch).shutdownOutput());
            }
        });
    }

    final void closeAfterFlush() {
        endAfterFlush(Channel::close);
    }

    private void endAfterFlush(Consumer<Channel> how) {
        if (!ending && queued > 0) {
            ending = true;
            tookMs = loop.soonMs();
            loop.deadlines.by(this, loop.nowMs() + loop.writeLookMs);
        }
        afterFlush(how);
    }

    /// Ends it as [#reset] does, after what is queued.
    final void resetAfterFlush() {
        loseTheRest();
        endAfterFlush(Wire::cut);
    }

    /// Closes it without the farewell of TLS (RFC 8446 §6.1), which would say that all has been said.
    final void cut() {
        cut(channel());
    }

    private static void cut(Channel ch) {
        ChannelHandlerContext tls = ch.pipeline().context(SslHandler.class);
        if (tls == null) {
            ch.close();
        } else {
            tls.close();
        }
    }

    private void loseTheRest() {
        Channel ch = channel();
        // It may be closed already although we have not been told yet.
        if (ch.isOpen()) {
            ch.config().setOption(ChannelOption.SO_LINGER, 0);
        }
    }

    final void afterFlush(Consumer<Channel> what) {
        Channel ch = channel();
        if (queued == 0) {
            what.accept(ch);
        } else {
            ch.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((ChannelFutureListener) f -> what.accept(f.channel()));
        }
    }

    /// Ends the connection so that the peer cannot take what it has for the whole.
    final void reset() {
        loseTheRest();
        cut(channel());
    }

    /// A tunnel may be quiet for ever; the kernel asks now and then whether the other side still exists.
    final void findDeadPeer() {
        Channel ch = channel();
        if (ch instanceof EpollSocketChannel && ch.isOpen()) {
            ch.config().setOption(ChannelOption.SO_KEEPALIVE, true);
            ch.config().setOption(EpollChannelOption.TCP_KEEPIDLE, KEEPALIVE_IDLE_SECONDS);
            ch.config().setOption(EpollChannelOption.TCP_KEEPINTVL, KEEPALIVE_STEP_SECONDS);
            ch.config().setOption(EpollChannelOption.TCP_KEEPCNT, KEEPALIVE_PROBES);
        }
    }

    /// Counts a deadline that has passed.
    final void overdue(Overdue which) {
        loop.tally.one(which.count);
        Loop.LOG.debug("{}: {}", channel(), which.reason);
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
        if (cause == SharedReadBuffer.PAUSED) {
            aside = true;
            return;
        }
        // A socket that has told a send of its reset answers a read with ENOTCONN.
        if (cause instanceof IOException || cause instanceof NotYetConnectedException) {
            broken = true;
        } else if (cause instanceof DecoderException && cause.getCause() instanceof SSLException) {
            // RFC 8446 §5.2, §6.2: somebody has tampered with it, or the peer says that something is wrong.
            broken = true;
            Loop.LOG.debug("{}: {}", ctx.channel(), cause.toString());
        } else {
            Loop.LOG.warn("closing a connection after an unexpected failure", cause);
        }
        cut();
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
