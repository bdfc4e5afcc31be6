package io.pm2j.proxy.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The header lines of one head, as positions in the scanned array, and what framing needs of them.
///
/// Reused from message to message by one event loop; nothing here survives the next scan.
public abstract sealed class Fields permits RequestHead, ResponseHead {
    static final int MOST_FIELDS = 256;

    /// Length of the whole head with its empty line.
    int end;

    int count;
    final int[] start = new int[MOST_FIELDS];
    final int[] nameEnd = new int[MOST_FIELDS];
    final int[] valueStart = new int[MOST_FIELDS];
    final int[] valueEnd = new int[MOST_FIELDS];
    final int[] lineEnd = new int[MOST_FIELDS];
    final boolean[] dropped = new boolean[MOST_FIELDS];
    int droppedCount;

    boolean http10;
    boolean chunked;
    boolean close;
    boolean keepAlive;
    boolean connectionUpgrade;
    boolean namesFields;
    long contentLength;
    int upgrade;
    int upgrades;

    void reset() {
        Arrays.fill(dropped, 0, count, false);
        end = 0;
        count = 0;
        droppedCount = 0;
        http10 = false;
        chunked = false;
        close = false;
        keepAlive = false;
        connectionUpgrade = false;
        namesFields = false;
        contentLength = -1;
        upgrade = -1;
        upgrades = 0;
    }

    /// Takes a line out of what is passed on.
    public void drop(int field) {
        if (!dropped[field]) {
            dropped[field] = true;
            droppedCount++;
        }
    }

    public int end() {
        return end;
    }

    /// How many header lines there are, dropped ones included.
    public int count() {
        return count;
    }

    public boolean isDropped(int field) {
        return dropped[field];
    }

    public int droppedCount() {
        return droppedCount;
    }

    public int lineStart(int field) {
        return start[field];
    }

    public int lineEnd(int field) {
        return lineEnd[field];
    }

    public int nameEnd(int field) {
        return nameEnd[field];
    }

    public int valueStart(int field) {
        return valueStart[field];
    }

    public int valueEnd(int field) {
        return valueEnd[field];
    }

    public boolean http10() {
        return http10;
    }

    public boolean chunked() {
        return chunked;
    }

    /// The announced length of the body, or -1.
    public long contentLength() {
        return contentLength;
    }

    /// The line of the only `Upgrade` field, or -1.
    public int upgradeField() {
        return upgrade;
    }

    /// Whether the sender keeps the connection open after this message (RFC 9112 §9.3).
    public boolean persistent() {
        return !close && !http10;
    }

    public boolean connectionUpgrade() {
        return connectionUpgrade;
    }

    public String name(byte[] bytes, int field) {
        return new String(bytes, start[field], nameEnd[field] - start[field], StandardCharsets.ISO_8859_1);
    }

    public String value(byte[] bytes, int field) {
        return new String(bytes, valueStart[field], valueEnd[field] - valueStart[field], StandardCharsets.ISO_8859_1);
    }
}
