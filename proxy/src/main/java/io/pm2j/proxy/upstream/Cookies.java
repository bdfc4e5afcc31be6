package io.pm2j.proxy.upstream;

/// Finds a cookie in the field `Cookie` (RFC 6265 §4.2.1) without an allocation.
public final class Cookies {
    private Cookies() {}

    /// Where the value of cookie `name` stands, for [#start] and [#end]; -1 when there is none. The first
    /// of a name counts, and quotes around the value do not belong to it.
    public static long find(CharSequence line, String name) {
        int i = 0;
        int n = line.length();
        while (i < n) {
            while (i < n && (line.charAt(i) == ' ' || line.charAt(i) == '\t')) {
                i++;
            }
            int end = i;
            while (end < n && line.charAt(end) != ';') {
                end++;
            }
            if (named(line, i, end, name)) {
                return value(line, i + name.length() + 1, end);
            }
            i = end + 1;
        }
        return -1;
    }

    public static int start(long found) {
        return (int) (found >>> 32);
    }

    public static int end(long found) {
        return (int) found;
    }

    private static boolean named(CharSequence line, int from, int end, String name) {
        int length = name.length();
        if (from + length >= end || line.charAt(from + length) != '=') {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (line.charAt(from + i) != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static long value(CharSequence line, int from, int to) {
        int start = from;
        int end = to;
        while (end > start && (line.charAt(end - 1) == ' ' || line.charAt(end - 1) == '\t')) {
            end--;
        }
        if (end - start >= 2 && line.charAt(start) == '"' && line.charAt(end - 1) == '"') {
            start++;
            end--;
        }
        return (long) start << 32 | end;
    }
}
