package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.pm2j.proxy.http.Fields;
import io.pm2j.proxy.http.Method;
import io.pm2j.proxy.http.RequestHead;
import io.pm2j.proxy.http.ResponseHead;
import io.pm2j.proxy.http.Tokens;
import org.jspecify.annotations.Nullable;

/// Writes a scanned head anew: the kept lines as they came, ours added.
final class HeadEditor {
    private static final byte[] CONNECTION_CLOSE = Tokens.ascii("Connection: close\r\n");
    private static final byte[] CONNECTION_UPGRADE = Tokens.ascii("Connection: upgrade\r\nUpgrade: ");
    private static final byte[] HTTP_11 = Tokens.ascii("HTTP/1.1");
    private static final byte[] VERSION_10 = Tokens.ascii(" HTTP/1.0\r\n");
    private static final byte[] VERSION_11 = Tokens.ascii(" HTTP/1.1\r\n");
    private static final byte[] HOST = Tokens.ascii("Host: ");
    private static final byte[] CRLF = Tokens.ascii("\r\n");

    private HeadEditor() {}

    /// `target` replaces the target unless it is null; `forwarded` holds the ready lines about
    /// the client that are the same for the whole connection, null where its proxies have said some; `more`
    /// lines come last.
    static void request(
            RequestReading asked,
            ByteBuf out,
            byte @Nullable [] target,
            HeadRules rules,
            byte @Nullable [] forwarded,
            String more,
            boolean upgrade) {
        byte[] b = asked.bytes();
        RequestHead head = asked.head();
        rules.drop(b, head);
        out.writeBytes(b, 0, head.methodEnd()).writeByte(' ');
        if (target != null) {
            out.writeBytes(target);
        } else {
            if (head.absoluteForm() && (head.targetStart() == head.targetEnd() || b[head.targetStart()] != '/')) {
                // RFC 9112 §3.2.4: OPTIONS of an authority alone asks about the server as a whole.
                boolean server = head.method() == Method.OPTIONS && head.targetStart() == head.targetEnd();
                out.writeByte(server ? '*' : '/');
            }
            out.writeBytes(b, head.targetStart(), head.targetEnd() - head.targetStart());
        }
        // A client of HTTP/1.0 could not read what the origin may send to one of HTTP/1.1.
        out.writeBytes(head.http10() ? VERSION_10 : VERSION_11);
        if (head.absoluteForm() && !rules.replacesHost()) {
            // RFC 9112 §3.2.2: the authority of the target replaces the host field.
            line(out, HOST, b, head.authorityStart(), head.authorityEnd());
        }
        keptLines(b, head, out);
        if (upgrade) {
            line(out, CONNECTION_UPGRADE, b, head.valueStart(head.upgradeField()), head.valueEnd(head.upgradeField()));
        }
        if (forwarded == null) {
            out.writeBytes(asked.appended());
        } else {
            ForwardedHeaders.writeHost(b, head, out);
            out.writeBytes(forwarded);
        }
        if (!rules.none()) {
            out.writeBytes(rules.lines(asked));
        }
        if (!more.isEmpty()) {
            out.writeBytes(Tokens.ascii(more));
        }
        out.writeBytes(CRLF);
    }

    /// Whether the response head can be sent as it came.
    static boolean verbatim(ResponseHead head, boolean close) {
        return head.droppedCount() == 0 && !close && !head.http10();
    }

    static void response(byte[] b, ResponseHead head, ByteBuf out, boolean close, boolean upgrade, byte[] lines) {
        int lineEnd = head.count() > 0 ? head.lineStart(0) : head.end() - 2;
        out.writeBytes(HTTP_11).writeBytes(b, HTTP_11.length, lineEnd - HTTP_11.length);
        keptLines(b, head, out);
        if (upgrade) {
            line(out, CONNECTION_UPGRADE, b, head.valueStart(head.upgradeField()), head.valueEnd(head.upgradeField()));
        } else if (close) {
            out.writeBytes(CONNECTION_CLOSE);
        }
        out.writeBytes(lines).writeBytes(CRLF);
    }

    static void line(ByteBuf out, byte[] name, byte[] b, int from, int to) {
        out.writeBytes(name).writeBytes(b, from, to - from).writeBytes(CRLF);
    }

    /// Copies runs of kept lines at once.
    private static void keptLines(byte[] b, Fields head, ByteBuf out) {
        int from = -1;
        for (int f = 0; f < head.count(); f++) {
            if (head.isDropped(f)) {
                if (from >= 0) {
                    out.writeBytes(b, from, head.lineStart(f) - from);
                    from = -1;
                }
            } else if (from < 0) {
                from = head.lineStart(f);
            }
        }
        if (from >= 0) {
            out.writeBytes(b, from, head.end() - 2 - from);
        }
    }
}
