package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;

/// Follows an event stream, so that it can be ended between two events. WHATWG HTML §9.2.6: an event ends with an
/// empty line. Of a chunked one the bytes are those of the wire.
final class EventEnds {
    private static final int FOLLOWED = Long.BYTES;

    /// The last bytes that have passed.
    private long tail;

    /// Moves past `[from, from + length)` of `bytes`.
    void pass(ByteBuf bytes, int from, int length) {
        int end = from + length;
        for (int i = Math.max(from, end - FOLLOWED); i < end; i++) {
            tail = tail << 8 | bytes.getUnsignedByte(i);
        }
    }

    /// Whether no event is begun. `inChunks`: what has passed last is the end of a chunk, CR and LF.
    boolean between(boolean inChunks) {
        long last = inChunks ? tail >>> 16 : tail;
        boolean nothing = last == 0;
        boolean emptyLine = (last & 0xffff) == 0x0a0a || (last & 0xffff) == 0x0d0d || (last & 0xffffff) == 0x0a0d0a;
        return nothing || emptyLine;
    }
}
