package io.pm2j.proxy.accesslog;

import io.pm2j.config.spec.edge.AccessLogSpec.Field;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// A JSON object of some fields, in their order; what a request has not is `null`.
final class JsonLine implements LineFormat {
    private static final byte[] NULL = ascii("null");
    private static final byte[] LOST_AT = ascii("{\"time\":\"");
    private static final byte[] LOST = ascii("\",\"lost\":");

    private final Field[] fields;
    /// `{"time":`, then `,"client_ip":` and so on.
    private final byte[][] names;

    JsonLine(List<Field> wanted) {
        fields = wanted.toArray(Field[]::new);
        names = new byte[fields.length][];
        for (int i = 0; i < fields.length; i++) {
            names[i] = ascii((i == 0 ? "{\"" : ",\"") + fields[i].name().toLowerCase(Locale.ROOT) + "\":");
        }
    }

    @Override
    public Set<Field> shows() {
        return Set.of(fields);
    }

    @Override
    public void line(AccessRecord record, Stamp stamp, Block out) {
        for (int i = 0; i < fields.length; i++) {
            out.put(names[i]);
            value(fields[i], record, stamp, out);
        }
        out.put('}');
        out.endLine();
    }

    private static void value(Field field, AccessRecord record, Stamp stamp, Block out) {
        switch (field) {
            case TIME -> {
                out.put('"');
                stamp.iso(record.timeMillis, out);
                out.put('"');
            }
            case STATUS -> {
                if (record.status == 0) {
                    out.put(NULL);
                } else {
                    out.number(record.status);
                }
            }
            case BYTES_IN -> out.number(record.bytesIn);
            case BYTES_OUT -> out.number(record.bytesOut);
            case DURATION_MS -> out.millis(record.durationNanos);
            case CONNECT_MS -> millisOrNull(record.connectNanos, out);
            case HEAD_MS -> millisOrNull(record.headNanos, out);
            case RETRIES -> out.number(record.retries);
            case CLIENT_IP,
                    METHOD,
                    HOST,
                    PATH,
                    QUERY,
                    PROTOCOL,
                    ROUTE,
                    APP,
                    ENDPOINT,
                    REFERER,
                    USER_AGENT,
                    USER,
                    REQUEST_ID,
                    CAUSE -> text(field, record, out);
        }
    }

    private static void millisOrNull(long nanos, Block out) {
        if (nanos < 0) {
            out.put(NULL);
        } else {
            out.millis(nanos);
        }
    }

    private static void text(Field field, AccessRecord record, Block out) {
        if (!record.has(field)) {
            out.put(NULL);
            return;
        }
        out.put('"');
        Escapes.json(record.texts(), record.from(field), record.to(field), out);
        out.put('"');
    }

    @Override
    public void lost(long lines, long nowMillis, Stamp stamp, Block out) {
        out.put(LOST_AT);
        stamp.iso(nowMillis, out);
        out.put(LOST);
        out.number(lines);
        out.put('}');
        out.endLine();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
