package io.pm2j.proxy.forward;

import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/// Something with deadlines: a link in the lists of [Deadlines], so that setting one allocates nothing.
abstract class Timed extends ChannelInboundHandlerAdapter {
    /// No deadline.
    static final long NEVER = Long.MAX_VALUE;

    @Nullable
    Timed before;

    @Nullable
    Timed after;

    /// Which list it is in, -1 for none; [Deadlines]' alone.
    int list = -1;
    /// When it is looked at next.
    long lookMs = NEVER;

    /// Does what is due at `nowMs`, and tells when to look again.
    abstract long due(long nowMs);

    /// What became of a look that failed; there is no other after it.
    abstract void lookFailed(RuntimeException why);
}
