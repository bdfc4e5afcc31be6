package io.pm2j.proxy.accesslog;

import io.pm2j.config.spec.edge.AccessLogSpec.Field;
import io.pm2j.proxy.http.RequestHead;
import io.pm2j.proxy.http.Tokens;
import java.nio.charset.StandardCharsets;

/// What a request's head says for the access log.
public final class RequestTexts {
    private static final byte[] HTTP_10 = ascii("HTTP/1.0");
    private static final byte[] HTTP_11 = ascii("HTTP/1.1");
    private static final byte[] HTTP_20 = ascii("HTTP/2.0");
    private static final byte[] ROOT = ascii("/");
    private static final byte[] REFERER = ascii("referer");
    private static final byte[] USER_AGENT = ascii("user-agent");

    private RequestTexts() {}

    /// Fills in method, host, path, query, protocol, referer and user agent of the head that was
    /// scanned from `bytes`; `http2` says that it came as one of HTTP/2.
    public static void fill(AccessRecord record, byte[] bytes, RequestHead head, boolean http2) {
        record.text(Field.METHOD, bytes, 0, head.methodEnd());
        record.text(Field.PROTOCOL, http2 ? HTTP_20 : head.http10() ? HTTP_10 : HTTP_11);
        target(record, bytes, head.targetStart(), head.targetEnd());
        host(record, bytes, head);
        field(record, Field.REFERER, REFERER, bytes, head);
        field(record, Field.USER_AGENT, USER_AGENT, bytes, head);
    }

    private static void target(AccessRecord record, byte[] bytes, int start, int end) {
        int mark = start;
        while (mark < end && bytes[mark] != '?') {
            mark++;
        }
        if (mark == start) {
            // An absolute-form target may have no path (RFC 9112 §3.2.2).
            record.text(Field.PATH, ROOT);
        } else {
            record.text(Field.PATH, bytes, start, mark);
        }
        if (mark < end) {
            record.text(Field.QUERY, bytes, mark + 1, end);
        }
    }

    private static void host(AccessRecord record, byte[] bytes, RequestHead head) {
        if (head.absoluteForm()) {
            record.text(Field.HOST, bytes, head.authorityStart(), head.authorityEnd());
        } else if (head.hostField() >= 0) {
            record.text(Field.HOST, bytes, head.valueStart(head.hostField()), head.valueEnd(head.hostField()));
        }
    }

    private static void field(AccessRecord record, Field field, byte[] lower, byte[] bytes, RequestHead head) {
        if (!record.wants(field)) {
            return;
        }
        for (int i = 0; i < head.count(); i++) {
            if (Tokens.is(bytes, head.lineStart(i), head.nameEnd(i), lower)) {
                record.text(field, bytes, head.valueStart(i), head.valueEnd(i));
                return;
            }
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
