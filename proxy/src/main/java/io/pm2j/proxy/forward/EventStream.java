package io.pm2j.proxy.forward;

import io.pm2j.proxy.http.ResponseHead;
import io.pm2j.proxy.http.Tokens;

/// Tells server-sent events from other responses. WHATWG HTML §9.2: `text/event-stream`.
final class EventStream {
    private static final byte[] CONTENT_TYPE = Tokens.ascii("content-type");
    private static final byte[] EVENTS = Tokens.ascii("text/event-stream");

    private EventStream() {}

    static boolean is(byte[] b, ResponseHead head) {
        for (int field = 0; field < head.count(); field++) {
            if (Tokens.is(b, head.lineStart(field), head.nameEnd(field), CONTENT_TYPE)) {
                int from = head.valueStart(field);
                int to = from + EVENTS.length;
                return to <= head.valueEnd(field) && Tokens.is(b, from, to, EVENTS);
            }
        }
        return false;
    }
}
