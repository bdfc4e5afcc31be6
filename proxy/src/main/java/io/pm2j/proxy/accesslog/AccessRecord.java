package io.pm2j.proxy.accesslog;

import io.pm2j.config.spec.edge.AccessLogSpec.Field;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// What is known of one request, until its line is written. Taken from [LoopAccessLog#begin],
/// filled on that loop as things become known, and given back by [#end] or [#drop], after which
/// it is somebody else's.
///
/// Texts are copied, since the bytes of a head do not last as long as its response: each up to a
/// bound, beyond which it is cut and ends in `...`. What the log does not show is not kept.
public final class AccessRecord {
    private static final Field[] FIELDS = Field.values();
    private static final byte[] CUT = {'.', '.', '.'};
    private static final int FIRST_BYTES = 512;
    /// Everything in a line that is no text of a record: names, numbers, times, marks.
    private static final int REST_OF_LINE = 1_024;

    private final LoopAccessLog log;
    private byte[] texts = new byte[FIRST_BYTES];
    private int used;
    private final int[] from = new int[FIELDS.length];
    private final int[] to = new int[FIELDS.length];
    private boolean open;

    long timeMillis;
    private long startNanos;
    int status;
    long bytesIn;
    long bytesOut;
    long durationNanos;
    long connectNanos;
    long headNanos;
    int retries;

    AccessRecord(LoopAccessLog log) {
        this.log = log;
    }

    void begin(long nowMillis, long nowNanos) {
        timeMillis = nowMillis;
        startNanos = nowNanos;
        open = true;
        used = 0;
        Arrays.fill(from, -1);
        status = 0;
        bytesIn = 0;
        bytesOut = 0;
        connectNanos = -1;
        headNanos = -1;
        retries = 0;
    }

    /// Whether the log shows it; what it does not show need not be found out.
    public boolean wants(Field field) {
        return log.wants(field);
    }

    /// Keeps `bytes[start, end)` as a text field; what was kept of it before is forgotten.
    public AccessRecord text(Field field, byte[] bytes, int start, int end) {
        if (!wants(field)) {
            return this;
        }
        int most = Math.min(most(field), mostOfAll() - used);
        boolean cut = end - start > most;
        int kept = cut ? whole(bytes, start, start + Math.max(0, most - CUT.length)) : end;
        int length = kept - start;
        makeRoom(length + CUT.length);
        from[field.ordinal()] = used;
        System.arraycopy(bytes, start, texts, used, length);
        used += length;
        if (cut && most >= CUT.length) {
            System.arraycopy(CUT, 0, texts, used, CUT.length);
            used += CUT.length;
        }
        to[field.ordinal()] = used;
        return this;
    }

    public AccessRecord text(Field field, byte[] bytes) {
        return text(field, bytes, 0, bytes.length);
    }

    /// Keeps a text that is at hand as a string. Allocates: give bytes where it is known in
    /// advance.
    public AccessRecord text(Field field, String text) {
        return wants(field) ? text(field, text.getBytes(StandardCharsets.UTF_8)) : this;
    }

    /// What the client was answered; 0 when it went without an answer.
    public AccessRecord status(int code) {
        status = code;
        return this;
    }

    /// Bytes of the client after its request's head, as they came.
    public AccessRecord bytesIn(long count) {
        bytesIn = count;
        return this;
    }

    /// Bytes to the client after the response's head, as they were sent.
    public AccessRecord bytesOut(long count) {
        bytesOut = count;
        return this;
    }

    /// How long the connect took; not told when a pooled connection was used.
    public AccessRecord connectNanos(long nanos) {
        connectNanos = nanos;
        return this;
    }

    /// From the request's going out to the head of its response.
    public AccessRecord headNanos(long nanos) {
        headNanos = nanos;
        return this;
    }

    public AccessRecord retries(int count) {
        retries = count;
        return this;
    }

    /// The `System.nanoTime()` at which the request began.
    public long startNanos() {
        return startNanos;
    }

    /// Writes the line and gives the record back; a second call does nothing.
    ///
    /// @return how long the request took, in nanoseconds
    public long end() {
        if (open) {
            open = false;
            durationNanos = Math.max(0, System.nanoTime() - startNanos);
            log.write(this);
        }
        return durationNanos;
    }

    /// Gives the record back without a line.
    public void drop() {
        if (open) {
            open = false;
            log.giveBack(this);
        }
    }

    boolean has(Field field) {
        return from[field.ordinal()] >= 0;
    }

    byte[] texts() {
        return texts;
    }

    int from(Field field) {
        return from[field.ordinal()];
    }

    int to(Field field) {
        return to[field.ordinal()];
    }

    /// No line of this record is longer.
    int mostBytes() {
        return Escapes.MOST_FOR_A_BYTE * used + REST_OF_LINE;
    }

    private void makeRoom(int length) {
        if (texts.length - used < length) {
            texts = Arrays.copyOf(texts, Math.max(used + length, 2 * texts.length));
        }
    }

    /// `end`, or where the character begins that `end` would cut.
    private static int whole(byte[] bytes, int start, int end) {
        int at = end;
        while (at > start && end - at < 3 && Utf8.continues(bytes[at])) {
            at--;
        }
        return at;
    }

    private static int most(Field field) {
        return switch (field) {
            case PATH, QUERY -> 2_048;
            case REFERER -> 1_024;
            case HOST, USER_AGENT -> 512;
            case CLIENT_IP, METHOD, PROTOCOL, ROUTE, APP, ENDPOINT, USER, REQUEST_ID, CAUSE -> 128;
            case TIME, STATUS, BYTES_IN, BYTES_OUT, DURATION_MS, CONNECT_MS, HEAD_MS, RETRIES ->
                throw new IllegalArgumentException(field + " is no text");
        };
    }

    /// All texts together, with some told twice; a line of it fits into a block.
    private static int mostOfAll() {
        return (Block.SIZE - REST_OF_LINE) / Escapes.MOST_FOR_A_BYTE - CUT.length;
    }
}
