package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.ApplicationProtocolNames;
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
final class TlsGate extends Front {
    /// RFC 8446 §5.1: the type of a record with which a handshake begins.
    private static final byte HANDSHAKE = 22;
    /// RFC 8446 §4.1.2: names, keys and tickets of today's clients come to some 2 KiB.
    private static final int MOST_HELLO = 16 * 1024;
    private static final String HTTP2 = ApplicationProtocolNames.HTTP_2;
    /// How long what is sent by who speaks no TLS is still read.
    private static final long LINGER_MS = 2_000;
    /// How long a loop at rest lets a handshake go on.
    private static final long LAST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Tls tls;
    private final ProxyHeader.@Nullable Named named;
    private @Nullable String asked;
    /// What became of it has been counted.
    private boolean over;

    TlsGate(Loop loop, ListenerState listener, Tls tls, ProxyHeader.@Nullable Named named) {
        super(loop, listener);
        this.tls = tls;
        this.named = named;
    }

    /// What was agreed on cannot be handed on: the handshake goes on, but not for long.
    @Override
    void rest(boolean on) {
        if (on) {
            loop.after(LAST_NANOS, () -> {
                if (loop.resting && loop.fronts.contains(this)) {
                    close();
                }
            });
        }
    }

    @Override
    boolean rests() {
        return false;
    }

    @Override
    Resting handOn() {
        throw new IllegalStateException("a handshake is under way");
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        super.handlerAdded(ctx);
        ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        // What TLS keeps until a record is whole must not be the loop's buffer, where a PROXY header was read into.
        ctx.channel().config().setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator());
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        begin(ctx, Unpooled.EMPTY_BUFFER);
    }

    /// `first` has been read already.
    void begin(ChannelHandlerContext ctx, ByteBuf first) {
        deadline(loop.limits.headMs());
        if (first.isReadable() && ctx.channel().isActive()) {
            channelRead(ctx, ctx.alloc().directBuffer(first.readableBytes()).writeBytes(first));
        }
    }

    /// The first bytes; what follows is TLS's.
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf in = (ByteBuf) msg;
        if (over) {
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
        over = true;
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
        deadline(LINGER_MS);
        ctx.writeAndFlush(out).addListener(_ -> ((DuplexChannel) ctx.channel()).shutdownOutput());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        switch (event) {
            case SniCompletionEvent hello -> asked = hello.hostname();
            case SslHandshakeCompletionEvent done when done.isSuccess() -> open(ctx);
            case SslHandshakeCompletionEvent done -> {
                late();
                Loop.LOG.debug("{}: {}", ctx.channel(), done.cause().toString());
                ctx.close();
            }
            case ChannelInputShutdownEvent _ -> ctx.close();
            default -> {}
        }
    }

    private void open(ChannelHandlerContext ctx) {
        loop.tally.one(Count.TLS_HANDSHAKES);
        SslHandler done = ctx.pipeline().get(SslHandler.class);
        boolean http2 = HTTP2.equals(done.applicationProtocol());
        Secured secured = new Secured(tls, asked, http2);
        if (http2) {
            Http2Front.begin(ctx.pipeline(), loop, listener, named, secured);
            ctx.pipeline().remove(this);
            return;
        }
        ClientConnection client = new ClientConnection(loop, listener, named, secured);
        ctx.pipeline().addLast(new Decrypted(), client);
        ctx.pipeline().remove(this);
        client.channelActive(ctx.pipeline().context(client));
        if (loop.resting) {
            client.rest();
        }
    }

    /// A handshake fails once, by itself or since its time is over.
    @Override
    void late() {
        if (!over) {
            over = true;
            loop.tally.one(Count.TLS_HANDSHAKES_FAILED);
        }
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
