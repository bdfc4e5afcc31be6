package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;

/// Bytes both ways, untouched: after an upgrade, or when a client does not speak HTTP.
///
/// Each side is read only while the other takes what comes; the end of one direction is passed on and
/// leaves the other open.
final class Tunnel {
    private final ClientConnection client;
    private final UpstreamConnection upstream;
    private long movedMs;

    Tunnel(ClientConnection client, UpstreamConnection upstream) {
        this.client = client;
        this.upstream = upstream;
        movedMs = client.loop.soonMs();
    }

    /// When something last passed in either direction, out of a socket or into one.
    long movedMs(long nowMs) {
        if (client.tookSome(nowMs) | upstream.tookSome(nowMs)) {
            movedMs = nowMs;
        }
        return movedMs;
    }

    private Wire other(Wire side) {
        return side == client ? upstream : client;
    }

    /// Passes on all of `in`, which has come from `side`.
    void read(Wire side, ByteBuf in) {
        Wire other = other(side);
        int length = in.readableBytes();
        movedMs = side.loop.soonMs();
        boolean sent = other.send(in, in.readerIndex(), length);
        in.skipBytes(length);
        count(side, length);
        if (!sent) {
            // Its end is about to be seen; what it said before that is still to be read.
            other.reading(true);
        } else if (!other.writable()) {
            side.reading(false);
        }
    }

    /// What comes from `side` may go to the other inside the kernel.
    void splice(Wire side) {
        side.loop.splice.move(side, other(side), Long.MAX_VALUE);
    }

    /// So much of what came from `side` has gone that way.
    void spliced(Wire side, long bytes) {
        movedMs = side.loop.soonMs();
        count(side, bytes);
        if (side.loop.splice.fromFailed() || side.loop.splice.toFailed()) {
            side.channel().close();
        }
    }

    /// What came from `side` last has been taken.
    void drained(Wire side) {
        if (side.channel().isActive()) {
            side.reading(other(side).writable());
        }
    }

    private void count(Wire side, long bytes) {
        if (side == upstream) {
            side.loop.tally.add(Count.BYTES_TO_CLIENTS, bytes);
            client.account().bytesOut += bytes;
        } else {
            client.account().bytesIn += bytes;
        }
    }

    void writabilityChanged(Wire side) {
        other(side).reading(side.writable());
    }

    void inputEnded(Wire side) {
        Wire other = other(side);
        other.endOutput();
        if (other.inputEnded) {
            side.closeAfterFlush();
            other.closeAfterFlush();
        }
    }

    /// `side` is gone: deliver what is queued for the other, then end it too.
    void closed(Wire side) {
        Wire other = other(side);
        if (side == upstream && !ended()) {
            client.cutShort();
        }
        if (side.broken()) {
            other.resetAfterFlush();
        } else {
            other.closeAfterFlush();
        }
    }

    /// Whether both sides have said that they are done.
    boolean ended() {
        return client.inputEnded && upstream.inputEnded;
    }
}
