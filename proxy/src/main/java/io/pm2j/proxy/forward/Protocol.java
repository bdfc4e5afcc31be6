package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import java.util.Set;

/// What the first bytes of a client say; a pure decision.
enum Protocol {
    HTTP,
    OPAQUE,
    /// Too few bytes to tell.
    UNDECIDED;

    private static final int LONGEST_METHOD = 17;

    /// The registered methods (RFC 9110 §16.1.1 and the IANA list) that have more than a handful of users.
    private static final Set<String> METHODS = Set.of(
            "GET",
            "HEAD",
            "POST",
            "PUT",
            "DELETE",
            "OPTIONS",
            "PATCH",
            "CONNECT",
            "TRACE",
            "PRI",
            "ACL",
            "BIND",
            "CHECKIN",
            "CHECKOUT",
            "COPY",
            "LINK",
            "LOCK",
            "MERGE",
            "MKACTIVITY",
            "MKCALENDAR",
            "MKCOL",
            "MOVE",
            "ORDERPATCH",
            "PROPFIND",
            "PROPPATCH",
            "PURGE",
            "QUERY",
            "REBIND",
            "REPORT",
            "SEARCH",
            "SUBSCRIBE",
            "NOTIFY",
            "UNBIND",
            "UNCHECKOUT",
            "UNLINK",
            "UNLOCK",
            "UNSUBSCRIBE",
            "UPDATE",
            "SOURCE",
            "M-SEARCH");

    /// A known method followed by anything but more of a word is HTTP, also when the rest is nonsense: a
    /// bad request line must be refused, not passed on.
    static Protocol of(ByteBuf in) {
        int from = in.readerIndex();
        int n = in.readableBytes();
        int length = 0;
        while (length < n && length <= LONGEST_METHOD && isMethodByte(in.getByte(from + length))) {
            length++;
        }
        if (length == 0 || length > LONGEST_METHOD) {
            return n == 0 ? UNDECIDED : OPAQUE;
        }
        String word = in.toString(from, length, java.nio.charset.StandardCharsets.US_ASCII);
        if (length == n) {
            return beginsMethod(word) ? UNDECIDED : OPAQUE;
        }
        return METHODS.contains(word) ? HTTP : OPAQUE;
    }

    /// Whether they begin with something visible, or with what may come before a request line.
    static boolean isText(ByteBuf in) {
        byte first = in.getByte(in.readerIndex());
        return first > 0x20 && first < 0x7f || first == ' ' || first == '\t' || first == '\r' || first == '\n';
    }

    private static boolean isMethodByte(byte b) {
        return b >= 'A' && b <= 'Z' || b == '-';
    }

    private static boolean beginsMethod(String word) {
        for (String method : METHODS) {
            if (method.startsWith(word)) {
                return true;
            }
        }
        return false;
    }
}
