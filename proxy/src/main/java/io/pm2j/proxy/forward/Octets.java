package io.pm2j.proxy.forward;

import java.nio.charset.StandardCharsets;

/// A piece of an array as text, each octet a character (ISO-8859-1). Reused: it is good until the array or the
/// piece changes.
final class Octets implements CharSequence {
    private byte[] bytes = {};
    private int from;
    private int to;

    Octets of(byte[] array, int start, int end) {
        bytes = array;
        from = start;
        to = end;
        return this;
    }

    @Override
    public int length() {
        return to - from;
    }

    @Override
    public char charAt(int index) {
        return (char) (bytes[from + index] & 0xff);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return new String(bytes, from + start, end - start, StandardCharsets.ISO_8859_1);
    }

    @Override
    public String toString() {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
