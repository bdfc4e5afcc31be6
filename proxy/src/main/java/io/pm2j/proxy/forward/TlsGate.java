package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.pm2j.proxy.http.Tokens;
import io.pm2j.proxy.http.Violation;
import io.pm2j.proxy.preface.ProxyHeader;
import io.pm2j.proxy.tls.Tls;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Stands before a connection on a listener of TLS until the handshake is done, in time; then the
/// [ClientConnection] takes its place, behind TLS.
final class TlsGate extends Timed implements Arriving {
    /// RFC 8446 §5.1: the type of a record with which a handshake begins.
    private static final byte HANDSHAKE = 22;
    /// RFC 8446 §4.1.2: names, keys and tickets of today's clients come to some 2 KiB.
    private static final long LINGER_MS = 2_000;
    private static final int MOST_HELLO = 16 * 1024;
    /// How long a loop at rest lets a handshake go on.
    private static final long LAST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Loop loop;
    private final ListenerState listener;
    private final Tls tls;
    private final ProxyHeader.@Nullable Named named;
    private @Nullable Channel channel;
    private @Nullable String asked;
    private long deadlineMs = NEVER;
    /// It did not speak TLS, and was told so.
    private boolean refused;

    TlsGate(Loop loop, ListenerState listener, Tls tls, ProxyHeader.@Nullable Named named) {
        this.loop = loop;
        this.listener = listener;
        this.tls = tls;
        this.named = named;
    }

    @Override
    public ListenerState listener() {
        return listener;
    }

    /// What was agreed on cannot be handed on: the handshake goes on, but not for long.
    @Override
    public void rest(boolean on) {
        if (on) {
            loop.after(LAST_NANOS, () -> {
                if (loop.resting && loop.arriving.contains(this)) {
                    close();
                }
            });
        }
    }

    @Override
    public boolean rests() {
        return false;
    }

    @Override
    public Resting handOn() {
        throw new IllegalStateException("a handshake is under way");
    }

    @Override
    public void close() {
        Channel open = channel;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        // What TLS keeps until a record is whole must not be the loop's buffer, where a PROXY header was read into.
        ctx.channel().config().setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator());
        loop.arriving.add(this);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        loop.arriving.remove(this);
        loop.deadlines.leave(this);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        begin(ctx, Unpooled.EMPTY_BUFFER);
    }

    /// `first` has been read already.
    void begin(ChannelHandlerContext ctx, ByteBuf first) {
        deadlineMs = loop.soonMs() + loop.limits.headMs();
        loop.deadlines.by(this, deadlineMs);
        if (first.isReadable() && ctx.channel().isActive()) {
            channelRead(ctx, ctx.alloc().directBuffer(first.readableBytes()).writeBytes(first));
        }
    }

    /// The first bytes; what follows is TLS's.
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf in = (ByteBuf) msg;
        if (refused) {
            in.release();
        } else if (in.getByte(in.readerIndex()) == HANDSHAKE) {
            ctx.pipeline().addFirst(new Hello());
            ctx.pipeline().fireChannelRead(in);
        } else {
            in.release();
            refuse(ctx);
        }
    }

    /// A request in plain text gets an answer in plain text.
    private void refuse(ChannelHandlerContext ctx) {
        refused = true;
        loop.tally.refused(Violation.NOT_TLS);
        if (listener.bytes()) {
            ctx.close();
            return;
        }
        Answer answer = Answer.refusing(Violation.NOT_TLS);
        ByteBuf out = Unpooled.buffer()
                .writeBytes(Tokens.ascii(answer.head() + "Connection: close\r\n\r\n"))
                .writeBytes(answer.body());
        // RFC 9112 §9.6: the rest is read and thrown away, so that the answer is not lost to a reset.
        deadlineMs = loop.soonMs() + LINGER_MS;
        loop.deadlines.by(this, deadlineMs);
        ctx.writeAndFlush(out).addListener(_ -> ((DuplexChannel) ctx.channel()).shutdownOutput());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        switch (event) {
            case SniCompletionEvent hello -> asked = hello.hostname();
            case SslHandshakeCompletionEvent over when over.isSuccess() -> open(ctx);
            case SslHandshakeCompletionEvent over -> {
                loop.tally.one(Count.TLS_HANDSHAKES_FAILED);
                Loop.LOG.debug("{}: {}", ctx.channel(), over.cause().toString());
                ctx.close();
            }
            case ChannelInputShutdownEvent _ -> ctx.close();
            default -> {}
        }
    }

    private void open(ChannelHandlerContext ctx) {
        loop.tally.one(Count.TLS_HANDSHAKES);
        ClientConnection client = new ClientConnection(loop, listener, named, new Secured(tls, asked));
        ctx.pipeline().addLast(new Decrypted(), client);
        ctx.pipeline().remove(this);
        client.channelActive(ctx.pipeline().context(client));
        if (loop.resting) {
            client.rest();
        }
    }

    @Override
    long due(long nowMs) {
        if (nowMs < deadlineMs) {
            return deadlineMs;
        }
        if (!refused) {
            loop.tally.one(Count.TLS_HANDSHAKES_FAILED);
        }
        close();
        return NEVER;
    }

    @Override
    void lookFailed(RuntimeException why) {
        Loop.LOG.warn("a connection's deadline failed", why);
        close();
    }

    /// What is wrong with a handshake is the client's affair.
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Loop.LOG.debug("{}: {}", ctx.channel(), cause.toString());
        ctx.close();
    }

    /// Finds the certificate; the time is kept by the gate.
    private final class Hello extends SniHandler {
        Hello() {
            super(tls::of, MOST_HELLO, 0);
        }

        @Override
        protected SslHandler newSslHandler(SslContext context, ByteBufAllocator allocator) {
            SslHandler handler = super.newSslHandler(context, allocator);
            handler.setHandshakeTimeoutMillis(0);
            return handler;
        }
    }
}
