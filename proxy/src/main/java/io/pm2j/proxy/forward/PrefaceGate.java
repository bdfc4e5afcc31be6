package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.UnixChannel;
import io.pm2j.proxy.preface.ProxyHeader;
import io.pm2j.proxy.preface.ProxyHeaderReader;
import io.pm2j.proxy.tls.Tls;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Stands before a connection on a listener that takes PROXY headers: only a trusted peer comes
/// in, and
/// only with its header, in time. Then the [ClientConnection] takes its place, or the
/// [TlsGate].
final class PrefaceGate extends Front {
    private @Nullable ByteBuf held;

    PrefaceGate(Loop loop, ListenerState listener) {
        super(loop, listener);
    }

    @Override
    void rest(boolean on) {
        Channel open = channel;
        if (open != null) {
            open.config().setAutoRead(!on);
        }
    }

    @Override
    boolean rests() {
        return true;
    }

    @Override
    Resting handOn() {
        ByteBuf rest = held;
        UnixChannel socket = (UnixChannel) Objects.requireNonNull(channel);
        return new Resting(
                loop.index,
                socket.fd().intValue(),
                !(socket instanceof EpollSocketChannel),
                Resting.At.PREFACE,
                rest == null ? new byte[0] : ByteBufUtil.getBytes(rest),
                Optional.empty(),
                Optional.empty());
    }

    /// Has what came of the header before it was handed on.
    void takeUp(byte[] begun) {
        Channel open = channel;
        if (open != null && begun.length > 0) {
            held = open.alloc().directBuffer(begun.length).writeBytes(begun);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        super.handlerAdded(ctx);
        loop.reads(ctx.channel(), null);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        super.handlerRemoved(ctx);
        ByteBuf rest = held;
        held = null;
        if (rest != null) {
            rest.release();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (!listener.options().trusts(ctx.channel().remoteAddress())) {
            refuse(ctx, "not a trusted proxy");
            return;
        }
        deadline(loop.limits.headMs());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf in = (ByteBuf) msg;
        ByteBuf all = in;
        try {
            if (held != null) {
                all = Wire.join(held, in, ctx.channel());
                held = null;
            }
            switch (ProxyHeaderReader.read(all)) {
                case ProxyHeader.Incomplete() -> held = all == in ? Wire.join(null, in, ctx.channel()) : all.retain();
                case ProxyHeader.Malformed(String why) -> refuse(ctx, why);
                case ProxyHeader.Unnamed(int length) -> open(ctx, null, all.skipBytes(length));
                case ProxyHeader.Named named -> open(ctx, named, all.skipBytes(named.length()));
            }
        } finally {
            in.release();
            if (all != in) {
                all.release();
            }
        }
    }

    /// `rest` is what follows the header.
    private void open(ChannelHandlerContext ctx, ProxyHeader.@Nullable Named named, ByteBuf rest) {
        loop.tally.one(Count.PROXY_HEADERS_TAKEN);
        Tls tls = listener.options().tls().orElse(null);
        if (tls != null) {
            TlsGate next = new TlsGate(loop, listener, tls, named);
            ctx.pipeline().replace(this, null, next);
            next.begin(ctx.pipeline().context(next), rest);
            return;
        }
        ClientConnection client = new ClientConnection(loop, listener, named, null);
        ctx.pipeline().replace(this, null, client);
        ChannelHandlerContext its = ctx.pipeline().context(client);
        client.channelActive(its);
        if (rest.isReadable() && ctx.channel().isActive()) {
            client.channelRead(its, rest.retain());
        }
    }

    private void refuse(ChannelHandlerContext ctx, String why) {
        loop.tally.one(Count.PROXY_HEADERS_REFUSED);
        Loop.LOG.debug("{}: {}", ctx.channel(), why);
        ctx.close();
    }

    @Override
    void late() {
        loop.tally.one(Count.PROXY_HEADER_TIMEOUTS);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            Loop.LOG.warn("closing a connection after an unexpected failure", cause);
        }
        ctx.close();
    }
}
