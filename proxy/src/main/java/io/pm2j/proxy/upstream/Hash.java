package io.pm2j.proxy.upstream;

/// Numbers for texts and bytes, spread over all 64 bits. Not for secrets.
final class Hash {
    private static final long BASIS = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;

    private Hash() {}

    /// FNV-1a over the characters.
    static long of(CharSequence text) {
        return of(text, 0, text.length());
    }

    static long of(CharSequence text, int from, int to) {
        long h = BASIS;
        for (int i = from; i < to; i++) {
            h = (h ^ text.charAt(i)) * PRIME;
        }
        return mix(h);
    }

    /// FNV-1a over `bytes[from, to)`.
    static long of(byte[] bytes, int from, int to) {
        long h = BASIS;
        for (int i = from; i < to; i++) {
            h = (h ^ (bytes[i] & 0xff)) * PRIME;
        }
        return mix(h);
    }

    /// The finisher of MurmurHash3: every bit of the result depends on every bit of `value`.
    static long mix(long value) {
        long h = value ^ value >>> 33;
        h *= 0xff51afd7ed558ccdL;
        h ^= h >>> 33;
        h *= 0xc4ceb9fe1a85ec53L;
        return h ^ h >>> 33;
    }
}
