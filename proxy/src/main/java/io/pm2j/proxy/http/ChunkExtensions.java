package io.pm2j.proxy.http;

import org.jspecify.annotations.Nullable;

/// Checks what stands between a chunk's size and the end of its line, byte by byte (RFC 9112 §7.1.1):
/// `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`, and never a line end of any kind.
final class ChunkExtensions {
    /// Of one chunk; nobody who means well sends more.
    private static final int MOST_BYTES = 256;
    /// Of one body.
    private static final int MOST_BYTES_IN_ALL = 16 * 1024;

    private enum At {
        /// After the size, where only an extension may follow.
        SIZE_BLANK,
        START,
        NAME,
        NAME_BLANK,
        VALUE_START,
        VALUE,
        QUOTED,
        ESCAPED,
        QUOTE_END,
        VALUE_BLANK
    }

    private At at = At.SIZE_BLANK;
    private int bytes;
    private int bytesInAll;

    void reset() {
        bytesInAll = 0;
    }

    /// A chunk's size ends here; its first byte that is neither digit nor CR is to be read next.
    void begin() {
        at = At.SIZE_BLANK;
        bytes = 0;
    }

    boolean mayEnd() {
        return at == At.NAME || at == At.VALUE || at == At.QUOTE_END;
    }

    @Nullable
    Violation read(byte c) {
        At next = after(c);
        if (next == null) {
            return at == At.SIZE_BLANK ? Violation.BAD_CHUNK_SIZE : Violation.CHUNK_EXTENSION;
        }
        at = next;
        return ++bytes > MOST_BYTES || ++bytesInAll > MOST_BYTES_IN_ALL ? Violation.CHUNK_EXTENSION : null;
    }

    private @Nullable At after(byte c) {
        boolean token = Tokens.isToken(c);
        boolean blank = Tokens.isBlank(c);
        return switch (at) {
            case SIZE_BLANK -> blank ? at : start(c);
            case START -> blank ? at : token ? At.NAME : null;
            case NAME -> token ? at : blank ? At.NAME_BLANK : c == '=' ? At.VALUE_START : start(c);
            case NAME_BLANK -> blank ? at : c == '=' ? At.VALUE_START : start(c);
            case VALUE_START -> blank ? at : token ? At.VALUE : c == '"' ? At.QUOTED : null;
            case VALUE -> token ? at : blank ? At.VALUE_BLANK : start(c);
            case QUOTED -> c == '"' ? At.QUOTE_END : c == '\\' ? At.ESCAPED : isQuotable(c) ? at : null;
            case ESCAPED -> isQuotable(c) ? At.QUOTED : null;
            case QUOTE_END, VALUE_BLANK -> blank ? At.VALUE_BLANK : start(c);
        };
    }

    /// Another extension may begin here.
    private static @Nullable At start(byte c) {
        return c == ';' ? At.START : null;
    }

    private static boolean isQuotable(byte c) {
        return c == '\t' || c < 0 || c >= 0x20 && c != 0x7f;
    }
}
