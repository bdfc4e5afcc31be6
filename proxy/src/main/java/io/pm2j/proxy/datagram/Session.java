package io.pm2j.proxy.datagram;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pm2j.proxy.upstream.Endpoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// What is known of one client: where its datagrams go. Confined to its loop.
///
/// A session stays with its endpoint as long as that is admitted. When it no longer is, the
/// client's next
/// datagram goes to another one, and the old socket stays for the answers still to come
/// ([#TRAIL_MS]); a
/// client that says nothing in that time is forgotten, so that the endpoint becomes idle.
final class Session {
    /// How long the answers of an endpoint that is not admitted any more are waited for.
    static final long TRAIL_MS = 500;

    private static final int MOST_TRIES = 3;
    /// A longer datagram is not kept for another try.
    private static final int MOST_KEPT = 4 * 1024;

    private final Exchanger exchanger;
    private final InetSocketAddress client;
    private @Nullable Leg leg;
    private @Nullable Leg trailing;
    /// The last datagram that has not been answered, for another endpoint should this one be
    /// refused; its length
    /// is -1 when there is none.
    private byte[] unanswered = {};

    private int unansweredLength = -1;
    private int tries;
    private long movedMs;

    Session(Exchanger exchanger, InetSocketAddress client) {
        this.exchanger = exchanger;
        this.client = client;
        movedMs = exchanger.nowMs();
    }

    Exchanger exchanger() {
        return exchanger;
    }

    InetSocketAddress client() {
        return client;
    }

    long movedMs() {
        return movedMs;
    }

    /// A datagram of the client; `content` is the caller's.
    void received(ByteBuf content) {
        movedMs = exchanger.nowMs();
        tries = 0;
        Leg to = leg();
        if (to == null) {
            exchanger.dropped();
            return;
        }
        keep(content);
        to.send(content.retain(), movedMs);
    }

    private void keep(ByteBuf content) {
        int length = content.readableBytes();
        if (length > MOST_KEPT) {
            unansweredLength = -1;
            return;
        }
        if (unanswered.length < length) {
            unanswered = new byte[length];
        }
        content.getBytes(content.readerIndex(), unanswered, 0, length);
        unansweredLength = length;
    }

    private void forgetUnanswered() {
        unanswered = new byte[0];
        unansweredLength = -1;
    }

    /// The way to an endpoint that is admitted; null when there is none.
    private @Nullable Leg leg() {
        Leg now = leg;
        if (now != null && now.endpoint.admitted()) {
            return now;
        }
        Leg next = open(null);
        if (next == null) {
            return now;
        }
        if (now != null) {
            endTrailing();
            trailing = now;
        }
        leg = next;
        return next;
    }

    private @Nullable Leg open(@Nullable Endpoint avoid) {
        Endpoint endpoint = exchanger.claim(client, avoid);
        for (int i = 0; endpoint != null && i < MOST_TRIES; i++) {
            try {
                return exchanger.open(this, endpoint);
            } catch (IOException | RuntimeException e) {
                exchanger.failed(e);
                endpoint.release(exchanger.loopIndex());
                endpoint = exchanger.claim(client, endpoint);
            }
        }
        if (endpoint != null) {
            endpoint.release(exchanger.loopIndex());
        }
        return null;
    }

    /// Passes on to the client, which has sent something: it has a session.
    void answer(ByteBuf content) {
        movedMs = exchanger.nowMs();
        unansweredLength = -1;
        exchanger.answer(client, content);
    }

    /// Nobody is at the endpoint: another one gets what it has not answered.
    void refused(Leg by) {
        if (by != leg) {
            by.close();
            return;
        }
        exchanger.refused();
        leg = null;
        by.close();
        if (unansweredLength < 0 || ++tries >= MOST_TRIES) {
            exchanger.dropped();
            return;
        }
        Leg other = open(by.endpoint);
        leg = other;
        if (other == null || other.endpoint == by.endpoint) {
            // Asking the same one over and over helps nobody; the client's next datagram asks again.
            tries = MOST_TRIES;
        }
        if (other != null) {
            other.send(Unpooled.copiedBuffer(unanswered, 0, unansweredLength), exchanger.nowMs());
        } else {
            exchanger.dropped();
        }
    }

    /// Looks what is over; false when the session is.
    boolean look(long nowMs, long idleMs) {
        Leg old = trailing;
        if (old != null && nowMs - old.movedMs() >= TRAIL_MS) {
            endTrailing();
        }
        Leg now = leg;
        if (now != null && !now.endpoint.admitted() && nowMs - now.movedMs() >= TRAIL_MS) {
            return false;
        }
        if (now != null && nowMs - now.movedMs() >= TRAIL_MS) {
            forgetUnanswered();
        }
        return nowMs - movedMs < idleMs;
    }

    private void endTrailing() {
        Leg old = trailing;
        trailing = null;
        if (old != null) {
            old.close();
        }
    }

    void close() {
        endTrailing();
        Leg now = leg;
        leg = null;
        if (now != null) {
            now.close();
        }
        forgetUnanswered();
    }
}
