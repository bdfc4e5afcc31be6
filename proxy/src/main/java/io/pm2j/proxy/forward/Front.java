package io.pm2j.proxy.forward;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/// Stands at a client's socket in the place of the [ClientConnection]: a gate before it, for as long as that may take,
/// or what parts the streams of HTTP/2, each of which is one; on its loop.
abstract sealed class Front extends Timed permits PrefaceGate, TlsGate, Http2Front {
    final Loop loop;
    final ListenerState listener;

    @Nullable
    Channel channel;

    private long deadlineMs = NEVER;

    Front(Loop loop, ListenerState listener) {
        this.loop = loop;
        this.listener = listener;
    }

    /// The loop comes to rest, or goes on.
    abstract void rest(boolean on);

    /// Whether it can be handed on as it is.
    abstract boolean rests();

    boolean isOpen() {
        Channel known = channel;
        return known != null && known.isOpen();
    }

    /// What the next program needs to go on.
    abstract Resting handOn();

    /// Counts that its time is over; it leaves then.
    abstract void late();

    /// The listener is being closed, or nothing has come in time: ends as soon as nothing is lost by that.
    void leave() {
        close();
    }

    final void deadline(long fromNowMs) {
        deadlineMs = loop.soonMs() + fromNowMs;
        loop.deadlines.by(this, deadlineMs);
    }

    /// Whether it can neither be handed on nor end yet without a client that may be about to send.
    boolean toLeave() {
        return false;
    }

    final void noDeadline() {
        deadlineMs = NEVER;
    }

    /// Ends, whatever is under way.
    void close() {
        Channel open = channel;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        loop.fronts.add(this);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        loop.fronts.remove(this);
        loop.deadlines.leave(this);
    }

    @Override
    final long due(long nowMs) {
        if (nowMs < deadlineMs) {
            return deadlineMs;
        }
        deadlineMs = NEVER;
        late();
        leave();
        return NEVER;
    }

    @Override
    final void lookFailed(RuntimeException why) {
        Loop.LOG.warn("a connection's deadline failed", why);
        close();
    }
}
