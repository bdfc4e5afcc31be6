package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pm2j.proxy.http.Tokens;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Bytes both ways, untouched: after an upgrade, or when a client does not speak HTTP.
///
/// Each side is read only while the other takes what comes; the end of one direction is passed on and
/// leaves the other open.
final class Tunnel {
    private static final byte[] WEBSOCKET = Tokens.ascii("websocket");
    /// RFC 6455 §5.5.1, §7.4.1: 1001, going away; as a server says it, and as a client, with a mask of zeroes.
    private static final byte[] GOING_AWAY = {(byte) 0x88, 2, 0x03, (byte) 0xe9};

    private static final byte[] CLIENT_GOES = {(byte) 0x88, (byte) 0x82, 0, 0, 0, 0, 0x03, (byte) 0xe9};
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long FAREWELL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int MOST_LOOKS = 20;

    private final ClientConnection client;
    private final UpstreamConnection upstream;
    private long movedMs;
    private final @Nullable WebSocketFrames toClient;
    private final @Nullable WebSocketFrames toWorker;
    private boolean goesAway;

    Tunnel(ClientConnection client, UpstreamConnection upstream) {
        this.client = client;
        this.upstream = upstream;
        movedMs = client.loop.soonMs();
        boolean frames = Arrays.equals(WEBSOCKET, client.exchange().upgrade);
        toClient = frames ? new WebSocketFrames() : null;
        toWorker = frames ? new WebSocketFrames() : null;
    }

    /// One that was handed on by the program before.
    Tunnel(ClientConnection client, UpstreamConnection upstream, Resting.Through from) {
        this.client = client;
        this.upstream = upstream;
        movedMs = client.loop.soonMs();
        toClient = from.toClient().map(WebSocketFrames::of).orElse(null);
        toWorker = from.toWorker().map(WebSocketFrames::of).orElse(null);
    }

    /// Reads no more on either side.
    void rest() {
        client.reading(false);
        upstream.reading(false);
    }

    /// Whether nothing is on its way from one side to the other.
    boolean rests() {
        return !goesAway && !client.hasQueued() && !upstream.hasQueued();
    }

    boolean isOpen() {
        return upstream.channel().isOpen();
    }

    /// Reads on after [#rest].
    void goOn() {
        client.reading(upstream.writable());
        upstream.reading(client.writable());
    }

    Resting.Through handOn(long idleMs) {
        return new Resting.Through(
                upstream.descriptor(),
                upstream.unix(),
                upstream.endpoint.upstream(),
                upstream.endpoint.spec().id(),
                idleMs,
                Optional.ofNullable(toClient).map(WebSocketFrames::text),
                Optional.ofNullable(toWorker).map(WebSocketFrames::text));
    }

    /// Ends it because its worker is to go: between two frames of a WebSocket with a Close to both sides, else, or
    /// when no frame ends for a second, by ending the connections.
    void goAway() {
        if (toClient == null) {
            close();
        } else {
            goAway(MOST_LOOKS);
        }
    }

    private void goAway(int looks) {
        WebSocketFrames frames = toClient;
        if (goesAway || !client.channel().isActive() || frames == null) {
            return;
        }
        if (!frames.between() && looks > 0) {
            client.loop.after(LOOK_AGAIN_NANOS, () -> goAway(looks - 1));
            return;
        }
        goesAway = true;
        if (frames.between()) {
            boolean _ = client.send(Unpooled.wrappedBuffer(GOING_AWAY), 0, GOING_AWAY.length);
        }
        if (toWorker != null && toWorker.between()) {
            boolean _ = upstream.send(Unpooled.wrappedBuffer(CLIENT_GOES), 0, CLIENT_GOES.length);
        }
        client.loop.after(FAREWELL_NANOS, this::close);
    }

    private void close() {
        client.closeAfterFlush();
        upstream.closeAfterFlush();
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
        if (goesAway) {
            // After a Close nothing may follow. What comes from the client is its own Close, or too late.
            in.skipBytes(in.readableBytes());
            if (side == client) {
                close();
            }
            return;
        }
        Wire other = other(side);
        int length = in.readableBytes();
        WebSocketFrames frames = side == client ? toWorker : toClient;
        if (frames != null) {
            frames.pass(in, in.readerIndex(), length);
        }
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

    /// What comes from `side` may go to the other inside the kernel, unless it has to be known where a frame ends.
    void splice(Wire side) {
        if (toClient != null) {
            return;
        }
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
            side.reading(other(side).writable() && !side.loop.resting);
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
        other(side).reading(side.writable() && !side.loop.resting);
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
