package io.pm2j.proxy.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Follows a chunked body (RFC 9112 §7.1) without touching its bytes.
///
/// Chunk extensions are checked and left out (§7.1.1): one [#feed] ends before an extension, the next begins
/// with it. Trailer fields are checked and dropped: [#passed] ends before them and the caller sends the
/// final CRLF itself when [#endsWithoutTrailers] says so.
public final class ChunkScanner {
    private static final int MOST_TRAILER_BYTES = 8 * 1024;

    private enum At {
        SIZE,
        SIZE_LF,
        EXTENSION,
        DATA,
        DATA_CR,
        DATA_LF,
        LAST,
        TRAILER_NAME,
        TRAILER_VALUE,
        TRAILER_LF,
        TRAILER_NEXT,
        FINAL_LF,
        DONE
    }

    private At at = At.SIZE;
    private long left;
    private int digits;
    private final ChunkExtensions extensions = new ChunkExtensions();
    private int trailerBytes;
    private int nameBytes;
    private boolean trailers;
    private int passed;
    private @Nullable Violation violation;

    public void reset() {
        at = At.SIZE;
        left = 0;
        digits = 0;
        extensions.reset();
        trailerBytes = 0;
        trailers = false;
        violation = null;
    }

    public boolean done() {
        return at == At.DONE;
    }

    /// Whether a chunk has ended and no other is begun.
    public boolean between() {
        return at == At.SIZE && digits == 0;
    }

    public @Nullable Violation violation() {
        return violation;
    }

    /// The index up to which the bytes of the last [#feed] are to be passed on.
    public int passed() {
        return passed;
    }

    /// Whether trailers were cut off, so that the final CRLF is still owed.
    public boolean endsWithoutTrailers() {
        return at == At.DONE && trailers;
    }

    /// Reads from `from`, to `to` at the most; the index after the last byte that has been read. When that is
    /// neither `to` nor the end of the body, the rest is to be fed next.
    public int feed(ByteBuf in, int from, int to) {
        if (at == At.EXTENSION) {
            passed = from;
            return skipExtension(in, from, to);
        }
        int i = from;
        passed = trailers ? from : to;
        while (i < to && at != At.DONE && violation == null) {
            if (at == At.DATA) {
                int step = (int) Math.min(left, to - i);
                i += step;
                left -= step;
                if (left == 0) {
                    at = At.DATA_CR;
                }
                continue;
            }
            boolean before = trailers;
            step(in.getByte(i));
            if (at == At.EXTENSION) {
                passed = i;
                return i + 1;
            }
            if (trailers && !before) {
                passed = i;
            }
            i++;
        }
        if (!trailers) {
            passed = i;
        }
        return i;
    }

    /// Up to the CR that ends the line of the chunk size.
    private int skipExtension(ByteBuf in, int from, int to) {
        int i = from;
        while (i < to && violation == null) {
            byte c = in.getByte(i);
            if (c == '\r' && extensions.mayEnd()) {
                at = At.SIZE;
                return i;
            }
            violation = extensions.read(c);
            i++;
        }
        return i;
    }

    private void step(byte c) {
        switch (at) {
            case SIZE -> size(c);
            case SIZE_LF -> expect(c, '\n', left == 0 ? At.LAST : At.DATA, Violation.BAD_CHUNK_SIZE);
            case DATA_CR -> expect(c, '\r', At.DATA_LF, Violation.BAD_CHUNK_END);
            case DATA_LF -> expect(c, '\n', At.SIZE, Violation.BAD_CHUNK_END);
            case LAST -> {
                if (c == '\r') {
                    at = At.FINAL_LF;
                } else {
                    trailers = true;
                    nameBytes = 0;
                    trailerName(c);
                }
            }
            case TRAILER_NAME -> trailerName(c);
            case TRAILER_VALUE -> trailerValue(c);
            case TRAILER_LF -> expect(c, '\n', At.TRAILER_NEXT, Violation.BAD_TRAILER);
            case TRAILER_NEXT -> {
                nameBytes = 0;
                if (c == '\r') {
                    at = At.FINAL_LF;
                } else {
                    trailerName(c);
                }
            }
            case FINAL_LF -> expect(c, '\n', At.DONE, Violation.BAD_CHUNK_END);
            case EXTENSION, DATA, DONE -> throw new IllegalStateException("no single byte is read " + at);
        }
    }

    private void size(byte c) {
        int digit = c < 0 ? -1 : Character.digit(c, 16);
        if (digit >= 0) {
            left = left * 16 + digit;
            if (++digits > 15) {
                violation = Violation.BAD_CHUNK_SIZE;
            }
        } else if (digits > 0 && c == '\r') {
            digits = 0;
            at = At.SIZE_LF;
        } else if (digits > 0 && (c == ';' || Tokens.isBlank(c))) {
            at = At.EXTENSION;
            extensions.begin();
            violation = extensions.read(c);
        } else {
            violation = Violation.BAD_CHUNK_SIZE;
        }
    }

    private void trailerName(byte c) {
        at = At.TRAILER_NAME;
        countTrailer();
        if (c == ':' && nameBytes > 0) {
            at = At.TRAILER_VALUE;
        } else if (Tokens.isToken(c)) {
            nameBytes++;
        } else {
            violation = Violation.BAD_TRAILER;
        }
    }

    private void trailerValue(byte c) {
        countTrailer();
        if (c == '\r') {
            at = At.TRAILER_LF;
        } else if (c >= 0 && c < 0x20 && c != '\t' || c == 0x7f) {
            violation = Violation.BAD_TRAILER;
        }
    }

    private void countTrailer() {
        if (++trailerBytes > MOST_TRAILER_BYTES) {
            violation = Violation.BAD_TRAILER;
        }
    }

    private void expect(byte c, char wanted, At next, Violation otherwise) {
        if (c == wanted) {
            at = next;
        } else {
            violation = otherwise;
        }
    }
}
