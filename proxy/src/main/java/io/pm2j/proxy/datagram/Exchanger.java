package io.pm2j.proxy.datagram;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.pm2j.config.Address;
import io.pm2j.proxy.forward.Count;
import io.pm2j.proxy.forward.Loop;
import io.pm2j.proxy.transport.Transport;
import io.pm2j.proxy.upstream.Endpoint;
import io.pm2j.proxy.upstream.Origin;
import io.pm2j.proxy.upstream.Upstream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One loop's socket of a listener, with the sessions of the clients whose datagrams the kernel
/// gives it:
/// always the same ones, since it chooses by the client's address.
final class Exchanger extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Exchanger.class);
    /// No datagram is longer.
    private static final int LONGEST = 65_535;
    /// What a socket does not take at once is soon of no use; each may hold a whole read buffer.
    private static final int MOST_QUEUED = 32;

    private static final long LOOK_MS = 250;

    private final Loop loop;
    private final Transport transport;
    private final Upstream upstream;
    private final long idleMs;
    private final int maxSessions;
    /// In the order in which the clients last sent something.
    private final LinkedHashMap<InetSocketAddress, Session> sessions = new LinkedHashMap<>(16, 0.75f, true);

    private final long startNanos = System.nanoTime();
    private @Nullable Channel channel;
    private boolean ending;
    private @Nullable ScheduledFuture<?> looking;

    Exchanger(Loop loop, Transport transport, Upstream upstream, DatagramOptions options, int maxSessions) {
        this.loop = loop;
        this.transport = transport;
        this.upstream = upstream;
        this.idleMs = options.idle().toMillis();
        this.maxSessions = maxSessions;
    }

    static boolean isFull(Channel channel) {
        ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
        return queue == null || queue.size() >= MOST_QUEUED;
    }

    int loopIndex() {
        return loop.index();
    }

    long nowMs() {
        return (System.nanoTime() - startNanos) / 1_000_000;
    }

    void dropped() {
        loop.tally().one(Count.DATAGRAMS_DROPPED);
    }

    void refused() {
        loop.tally().one(Count.DATAGRAMS_REFUSED);
    }

    void failed(Throwable cause) {
        LOG.debug("a datagram's endpoint cannot be reached", cause);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        ctx.channel().config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(LONGEST));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        DatagramPacket packet = (DatagramPacket) message;
        try {
            loop.tally().one(Count.DATAGRAMS_FROM_CLIENTS);
            Session from = session(packet.sender());
            if (from != null) {
                from.received(packet.content());
            } else {
                dropped();
            }
        } finally {
            packet.release();
        }
    }

    void endSoon() {
        ending = true;
    }

    private @Nullable Session session(InetSocketAddress client) {
        Session known = sessions.get(client);
        if (known != null || ending) {
            return known;
        }
        if (sessions.size() >= maxSessions) {
            loop.tally().one(Count.DATAGRAM_SESSIONS_DISPLACED);
            Iterator<Session> oldest = sessions.values().iterator();
            end(oldest.next());
            oldest.remove();
        }
        Session fresh = new Session(this, client);
        sessions.put(client, fresh);
        loop.tally().one(Count.DATAGRAM_SESSIONS_OPENED);
        if (looking == null) {
            looking = loop.events().scheduleWithFixedDelay(this::look, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
        }
        return fresh;
    }

    private void end(Session session) {
        loop.tally().one(Count.DATAGRAM_SESSIONS_CLOSED);
        session.close();
    }

    private void look() {
        long now = nowMs();
        for (Iterator<Session> each = sessions.values().iterator(); each.hasNext(); ) {
            Session session = each.next();
            if (!session.look(now, ending ? Session.TRAIL_MS : idleMs)) {
                end(session);
                each.remove();
            }
        }
        if (sessions.isEmpty()) {
            stopLooking();
        }
    }

    private void stopLooking() {
        ScheduledFuture<?> now = looking;
        looking = null;
        if (now != null) {
            now.cancel(false);
        }
    }

    /// `avoid` has just refused. The client's address is what a hash goes by.
    @Nullable
    Endpoint claim(InetSocketAddress client, @Nullable Endpoint avoid) {
        return upstream.claim(loop.index(), client.getAddress().hashCode(), avoid);
    }

    /// A socket to `endpoint`, whose lease is the caller's until this returns.
    ///
    /// @throws IOException when there is no way to send it datagrams
    Leg open(Session session, Endpoint endpoint) throws IOException {
        Address.Tcp address = switch (endpoint.spec().origin()) {
            case Origin.At(Address.Tcp at) -> at;
            case Origin.At(Address.Unix unix) -> throw new IOException("no datagrams to " + unix);
            case Origin.Dialed _ -> throw new IOException("no datagrams to a program that is handed streams");
        };
        DatagramChannel ch = transport.datagram();
        Leg leg = new Leg(session, endpoint, ch, nowMs());
        ch.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(LONGEST));
        ch.pipeline().addLast(leg);
        // On its own loop both are done when they return.
        loop.events().register(ch);
        Throwable cause = ch.connect(new InetSocketAddress(address.host(), address.port()))
                .cause();
        if (cause != null) {
            ch.pipeline().remove(leg);
            ch.close();
            throw new IOException("no socket to " + address, cause);
        }
        return leg;
    }

    /// Sends `content`, which is released, to a client that has a session.
    void answer(InetSocketAddress client, ByteBuf content) {
        Channel out = channel;
        if (out == null || !out.isActive() || isFull(out)) {
            content.release();
            dropped();
            return;
        }
        loop.tally().one(Count.DATAGRAMS_TO_CLIENTS);
        out.writeAndFlush(new DatagramPacket(content, client));
    }

    /// What goes wrong with one datagram does not end the others.
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            LOG.warn("a datagram was dropped after an unexpected failure", cause);
        }
        dropped();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stopLooking();
        sessions.values().forEach(this::end);
        sessions.clear();
    }
}
