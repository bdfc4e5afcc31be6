package io.pm2j.proxy.forward;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/// Stands before a connection on which no request can begin yet, in the place of the [ClientConnection], for as long
/// as that may take; on its loop.
abstract sealed class Arriving extends Timed permits PrefaceGate, TlsGate {
    final Loop loop;
    final ListenerState listener;

    @Nullable
    Channel channel;

    private long deadlineMs = NEVER;

    Arriving(Loop loop, ListenerState listener) {
        this.loop = loop;
        this.listener = listener;
    }

    /// The loop comes to rest, or goes on.
    abstract void rest(boolean on);

    /// Whether it can be handed on as it is.
    abstract boolean rests();

    /// What the next program needs to go on.
    abstract Resting handOn();

    /// Counts that its time is over; it is closed then.
    abstract void late();

    final void deadline(long fromNowMs) {
        deadlineMs = loop.soonMs() + fromNowMs;
        loop.deadlines.by(this, deadlineMs);
    }

    final void close() {
        Channel open = channel;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        loop.arriving.add(this);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        loop.arriving.remove(this);
        loop.deadlines.leave(this);
    }

    @Override
    final long due(long nowMs) {
        if (nowMs < deadlineMs) {
            return deadlineMs;
        }
        late();
        close();
        return NEVER;
    }

    @Override
    final void lookFailed(RuntimeException why) {
        Loop.LOG.warn("a connection's deadline failed", why);
        close();
    }
}
