package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.pm2j.proxy.http.ChunkScanner;
import io.pm2j.proxy.http.RequestHead;
import io.pm2j.proxy.http.Violation;
import org.jspecify.annotations.Nullable;

/// How far the body of the current request has been read; reused by its connection from request to request.
///
/// After [#take] the piece `[from, from + length)` of the buffer is to be passed on, and after it a CRLF
/// when [#owesEnd] says so.
final class RequestBody {
    private @Nullable ChunkScanner chunks;
    private boolean chunked;
    private long left;
    private long taken;
    private int from;
    private int length;
    private boolean owesEnd;

    void begin(RequestHead head) {
        chunked = head.chunked();
        left = Math.max(0, head.contentLength());
        taken = 0;
        if (chunked) {
            scanner().reset();
        }
        nothing(0);
    }

    /// There is nothing to pass on of a buffer read up to `at`.
    void nothing(int at) {
        from = at;
        length = 0;
        owesEnd = false;
    }

    int from() {
        return from;
    }

    int length() {
        return length;
    }

    /// Whether trailers were cut off, and with them the end of the body.
    boolean owesEnd() {
        return owesEnd;
    }

    /// How many bytes have come, with what frames them.
    long taken() {
        return taken;
    }

    /// How many bytes are to come, where that is known; 0 otherwise.
    long left() {
        return chunked ? 0 : left;
    }

    /// So many have come and gone by themselves.
    void passed(long bytes) {
        nothing(0);
        left -= bytes;
        taken += bytes;
    }

    boolean done() {
        return chunked ? scanner().done() : left == 0;
    }

    /// Moves past the body bytes in `in`; tells what is wrong with them.
    @Nullable
    Violation take(ByteBuf in) {
        nothing(in.readerIndex());
        if (!chunked) {
            length = (int) Math.min(left, in.readableBytes());
            left -= length;
            taken += length;
            in.skipBytes(length);
            return null;
        }
        ChunkScanner scanner = scanner();
        int end = scanner.feed(in, from, in.writerIndex());
        Violation bad = scanner.violation();
        if (bad == null) {
            length = scanner.passed() - from;
            taken += length;
            owesEnd = scanner.endsWithoutTrailers();
            in.readerIndex(end);
        }
        return bad;
    }

    private ChunkScanner scanner() {
        ChunkScanner known = chunks;
        if (known == null) {
            known = new ChunkScanner();
            chunks = known;
        }
        return known;
    }
}
