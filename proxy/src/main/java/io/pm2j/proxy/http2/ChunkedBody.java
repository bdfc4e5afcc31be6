package io.pm2j.proxy.http2;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Takes the data out of a body that the edge has written in chunks (RFC 9112 §7.1), which is valid and has neither
/// extensions nor trailers, however it is cut.
public final class ChunkedBody {
    private long left;
    private long size;
    private boolean inData;

    /// Takes the next piece of data out of `in`, not longer than `most`, as a slice that is to be released; null when
    /// `in` has no more.
    public @Nullable ByteBuf next(ByteBuf in, int most) {
        while (in.isReadable()) {
            if (inData) {
                int length = (int) Math.min(Math.min(left, most), in.readableBytes());
                left -= length;
                inData = left > 0;
                return in.readRetainedSlice(length);
            }
            byte b = in.readByte();
            if (b == '\n') {
                left = size;
                size = 0;
                inData = left > 0;
            } else if (b != '\r') {
                size = size * 16 + Character.digit(b, 16);
            }
        }
        return null;
    }
}
