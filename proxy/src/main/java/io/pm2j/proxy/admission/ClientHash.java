package io.pm2j.proxy.admission;

import java.security.SecureRandom;

/// Spreads clients over tables. Seeded anew in each daemon, so that nobody can choose addresses
/// that meet.
final class ClientHash {
    private static final long SEED = new SecureRandom().nextLong();

    private ClientHash() {}

    static long of(long value) {
        long x = value ^ SEED;
        x = (x ^ x >>> 33) * 0xff51afd7ed558ccdL;
        x = (x ^ x >>> 33) * 0xc4ceb9fe1a85ec53L;
        return x ^ x >>> 33;
    }

    static long of(CharSequence text) {
        long x = SEED + text.length();
        for (int i = 0; i < text.length(); i++) {
            x = (x ^ text.charAt(i)) * 0x9e3779b97f4a7c15L;
            x ^= x >>> 32;
        }
        return of(x);
    }
}
