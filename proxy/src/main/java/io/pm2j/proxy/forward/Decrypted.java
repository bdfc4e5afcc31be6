package io.pm2j.proxy.forward;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;

/// Between the TLS of a connection and its reader. One read of the socket may bring many records: those behind a
/// pause wait here, and the end of the input comes after them.
final class Decrypted extends ChannelDuplexHandler {
    private final ArrayDeque<Object> waiting = new ArrayDeque<>(0);
    private boolean ended;
    private boolean returning;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (waiting.isEmpty() && ctx.channel().config().isAutoRead()) {
            ctx.fireChannelRead(msg);
        } else {
            waiting.add(msg);
        }
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        if (waiting.isEmpty()) {
            ctx.read();
        } else if (!returning) {
            // Whoever wants to read on is in the midst of something.
            returning = true;
            ctx.executor().execute(() -> goOn(ctx));
        }
    }

    private void goOn(ChannelHandlerContext ctx) {
        returning = false;
        while (!waiting.isEmpty() && ctx.channel().config().isAutoRead()) {
            ctx.fireChannelRead(waiting.remove());
        }
        if (!waiting.isEmpty()) {
            return;
        }
        if (ended) {
            ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        } else if (ctx.channel().config().isAutoRead()) {
            ctx.read();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent close && !isOfPeer(ctx, close)) {
            return;
        }
        boolean end = event == ChannelInputShutdownEvent.INSTANCE || event instanceof SslCloseCompletionEvent;
        if (!end) {
            ctx.fireUserEventTriggered(event);
        } else if (!ended) {
            ended = true;
            if (waiting.isEmpty()) {
                ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            }
        }
    }

    /// RFC 8446 §6.1: a client that takes its leave sends nothing more. The same event comes when we have taken ours,
    /// and when the connection is gone.
    private static boolean isOfPeer(ChannelHandlerContext ctx, SslCloseCompletionEvent close) {
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        return close.isSuccess() && tls != null && tls.engine().isInboundDone();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
    }
}
