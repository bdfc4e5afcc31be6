package io.pm2j.proxy.accesslog;

import io.pm2j.config.spec.edge.AccessLogSpec.Field;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;

/// Apache's "combined": `192.0.2.7 - ann [21/Nov/2026:10:00:00 +0000] "GET /a?b HTTP/1.1" 200 12
/// "referer" "user agent"`.
final class CombinedLine implements LineFormat {
    private static final byte[] NO_NAME = " - ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BETWEEN = "\" \"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LOST = " access log lines were lost".getBytes(StandardCharsets.US_ASCII);

    @Override
    public Set<Field> shows() {
        return EnumSet.of(
                Field.TIME,
                Field.CLIENT_IP,
                Field.METHOD,
                Field.PATH,
                Field.QUERY,
                Field.PROTOCOL,
                Field.STATUS,
                Field.BYTES_OUT,
                Field.REFERER,
                Field.USER_AGENT,
                Field.USER);
    }

    @Override
    public void line(AccessRecord record, Stamp stamp, Block out) {
        bare(record, Field.CLIENT_IP, out);
        out.put(NO_NAME);
        bare(record, Field.USER, out);
        out.put(' ');
        stamp.combined(record.timeMillis, out);
        out.put(' ');
        out.put('"');
        request(record, out);
        out.put('"');
        out.put(' ');
        numberOrDash(record.status, out);
        out.put(' ');
        numberOrDash(record.bytesOut, out);
        out.put(' ');
        out.put('"');
        quoted(record, Field.REFERER, out);
        out.put(BETWEEN);
        quoted(record, Field.USER_AGENT, out);
        out.put('"');
        out.endLine();
    }

    private static void request(AccessRecord record, Block out) {
        quoted(record, Field.METHOD, out);
        if (!record.has(Field.METHOD)) {
            return;
        }
        out.put(' ');
        quoted(record, Field.PATH, out);
        if (record.has(Field.QUERY)) {
            out.put('?');
            Escapes.quoted(record.texts(), record.from(Field.QUERY), record.to(Field.QUERY), out);
        }
        out.put(' ');
        quoted(record, Field.PROTOCOL, out);
    }

    private static void numberOrDash(long value, Block out) {
        if (value == 0) {
            out.put('-');
        } else {
            out.number(value);
        }
    }

    private static void bare(AccessRecord record, Field field, Block out) {
        if (record.to(field) > record.from(field) && record.has(field)) {
            Escapes.bare(record.texts(), record.from(field), record.to(field), out);
        } else {
            out.put('-');
        }
    }

    private static void quoted(AccessRecord record, Field field, Block out) {
        if (record.to(field) > record.from(field) && record.has(field)) {
            Escapes.quoted(record.texts(), record.from(field), record.to(field), out);
        } else {
            out.put('-');
        }
    }

    @Override
    public void lost(long lines, long nowMillis, Stamp stamp, Block out) {
        out.put('#');
        out.put(' ');
        stamp.iso(nowMillis, out);
        out.put(' ');
        out.number(lines);
        out.put(LOST);
        out.endLine();
    }
}
