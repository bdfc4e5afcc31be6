package io.pm2j.proxy.accesslog;

/// Where characters begin and end (RFC 3629 §4).
final class Utf8 {
    private Utf8() {}

    /// How many bytes the character at `at` has; 0 when there is no valid one before `to`.
    static int length(byte[] text, int at, int to) {
        int first = text[at] & 255;
        if (first < 0x80) {
            return 1;
        }
        if (first < 0xc2 || first > 0xf4) {
            return 0;
        }
        int length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        if (to - at < length || !second(first, text[at + 1] & 255)) {
            return 0;
        }
        for (int i = 2; i < length; i++) {
            if (!continues(text[at + i])) {
                return 0;
            }
        }
        return length;
    }

    /// The second byte shuts out overlong forms, surrogates and what lies beyond U+10FFFF.
    private static boolean second(int first, int b) {
        int least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        return b >= least && b <= most;
    }

    static boolean continues(byte b) {
        return (b & 0xc0) == 0x80;
    }
}
