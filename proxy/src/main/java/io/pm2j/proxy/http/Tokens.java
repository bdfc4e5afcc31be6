package io.pm2j.proxy.http;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Byte tables and comparisons for HTTP/1 heads; everything works in place on a padded array.
public final class Tokens {
    /// Bytes that must be readable after the last valid one: the eight-byte steps may look past the end.
    public static final int PADDING = 16;

    private static final boolean[] TOKEN = table("!#$%&'*+-.^_`|~");
    private static final boolean[] HOST = table("-._~!$&'()*+,;=");
    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH = 0x8080808080808080L;

    private Tokens() {}

    private static boolean[] table(String marks) {
        boolean[] table = new boolean[256];
        String letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        for (char c : (letters + marks).toCharArray()) {
            table[c] = true;
        }
        return table;
    }

    public static boolean isToken(byte b) {
        return TOKEN[b & 255];
    }

    static boolean isHost(byte b) {
        return HOST[b & 255];
    }

    /// The first index at or after `from` whose byte is below 0x20 or is 0x7f; `limit` or a little
    /// more when there is none. Eight bytes a step.
    static int skipVisible(byte[] bytes, int from, int limit) {
        int i = from;
        while (i < limit) {
            long x = (long) EIGHT.get(bytes, i);
            long del = x ^ (0x7f * ONES);
            long stop = ((x - 0x20 * ONES) & ~x & HIGH) | ((del - ONES) & ~del & HIGH);
            if (stop != 0) {
                return i + (Long.numberOfTrailingZeros(stop) >>> 3);
            }
            i += 8;
        }
        return i;
    }

    /// Whether `[from, to)` is `lower`, letters compared without case.
    public static boolean is(byte[] bytes, int from, int to, byte[] lower) {
        if (to - from != lower.length) {
            return false;
        }
        for (int i = 0; i < lower.length; i++) {
            if (lower(bytes[from + i]) != lower[i]) {
                return false;
            }
        }
        return true;
    }

    static boolean startsWith(byte[] bytes, int from, int to, byte[] lower) {
        return to - from >= lower.length && is(bytes, from, from + lower.length, lower);
    }

    /// Whether the comma-separated list in `[from, to)` has the member `lower`.
    public static boolean lists(byte[] bytes, int from, int to, byte[] lower) {
        int start = from;
        while (start < to) {
            int end = start;
            while (end < to && bytes[end] != ',') {
                end++;
            }
            int s = start;
            int e = end;
            while (s < e && isBlank(bytes[s])) {
                s++;
            }
            while (e > s && isBlank(bytes[e - 1])) {
                e--;
            }
            if (is(bytes, s, e, lower)) {
                return true;
            }
            start = end + 1;
        }
        return false;
    }

    static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    static byte lower(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b | 0x20) : b;
    }

    public static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
