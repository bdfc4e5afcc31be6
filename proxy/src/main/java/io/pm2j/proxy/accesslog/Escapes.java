package io.pm2j.proxy.accesslog;

import java.util.Arrays;

/// Texts of clients as they stand in a line: nothing in them can end a line or a field, or reach
/// a terminal as a control sequence.
final class Escapes {
    /// The most bytes that one byte becomes.
    static final int MOST_FOR_A_BYTE = 6;

    private static final byte[] CONTROL = {'\\', 'u', '0', '0'};
    private static final byte[] NO_UTF8 = {'\\', '\\', 'x'};

    private static final boolean[] PLAIN = new boolean[256];

    static {
        Arrays.fill(PLAIN, 0x20, 0x7f, true);
        PLAIN['"'] = false;
        PLAIN['\\'] = false;
    }

    private Escapes() {}

    /// Within the quotes of a combined line, as Apache does it: `\"`, `\\`, `\n`, `\xhh`. What is
    /// not printable ASCII is escaped.
    static void quoted(byte[] text, int from, int to, Block out) {
        int i = plain(text, from, to, out);
        while (i < to) {
            byte b = text[i];
            switch (b) {
                case '"', '\\' -> escaped(b, out);
                case '\n' -> escaped('n', out);
                case '\r' -> escaped('r', out);
                case '\t' -> escaped('t', out);
                default -> hex(b, out);
            }
            i = plain(text, i + 1, to, out);
        }
    }

    /// A field of a combined line that has no quotes: it may hold no space either.
    static void bare(byte[] text, int from, int to, Block out) {
        for (int i = from; i < to; i++) {
            byte b = text[i];
            if (b == '"' || b == '\\') {
                escaped(b, out);
            } else if (b > ' ' && b < 0x7f) {
                out.put(b);
            } else {
                hex(b, out);
            }
        }
    }

    /// Copies what needs no escape in any format, in one go; the answer is where it ends.
    private static int plain(byte[] text, int from, int to, Block out) {
        int end = from;
        while (end < to && PLAIN[text[end] & 255]) {
            end++;
        }
        out.put(text, from, end);
        return end;
    }

    private static void escaped(int c, Block out) {
        out.put('\\');
        out.put(c);
    }

    private static void hex(byte b, Block out) {
        out.put('\\');
        out.put('x');
        out.hex(b);
    }

    /// Within the quotes of a JSON string (RFC 8259 §7). Valid UTF-8 stays; a byte that is none
    /// becomes the text `\xhh`, so that the line is UTF-8 whatever a client sends.
    static void json(byte[] text, int from, int to, Block out) {
        int i = plain(text, from, to, out);
        while (i < to) {
            i = plain(text, i + special(text, i, to, out), to, out);
        }
    }

    /// The answer is how many bytes that took.
    private static int special(byte[] text, int i, int to, Block out) {
        byte b = text[i];
        if (b >= 0) {
            ascii(b, out);
            return 1;
        }
        int length = Utf8.length(text, i, to);
        if (length == 0) {
            out.put(NO_UTF8);
            out.hex(b);
            return 1;
        }
        character(text, i, length, out);
        return length;
    }

    private static void ascii(byte b, Block out) {
        if (b == '"' || b == '\\') {
            escaped(b, out);
        } else {
            out.put(CONTROL);
            out.hex(b);
        }
    }

    private static void character(byte[] text, int i, int length, Block out) {
        if (length == 2 && text[i] == (byte) 0xc2 && text[i + 1] < (byte) 0xa0) {
            // U+0080 to U+009F: a terminal takes them as controls.
            out.put(CONTROL);
            out.hex(text[i + 1]);
        } else if (length == 3
                && text[i] == (byte) 0xe2
                && text[i + 1] == (byte) 0x80
                && (text[i + 2] & 0xfe) == 0xa8) {
            // U+2028 and U+2029 end a line for some readers.
            out.put('\\');
            out.put('u');
            out.hex(0x20);
            out.hex(text[i + 2] & 1 | 0x28);
        } else {
            out.put(text, i, i + length);
        }
    }
}
