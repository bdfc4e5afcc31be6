package io.pm2j.proxy.admission;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Credentials that were right, so that the next request with them costs no hashing. Bounded, and
/// kept as keyed hashes only: who reads this memory learns no password.
///
/// It lives as long as the users it was proven for: another configuration begins anew.
final class Proven {
    private static final int WAYS = 4;
    private static final int SLOTS = 2048;
    private static final ThreadLocal<Mac> MAC = keyed();

    private record Entry(byte[] mac, String user) {}

    private final AtomicReferenceArray<@Nullable Entry> entries = new AtomicReferenceArray<>(SLOTS);

    /// Stands for credentials wherever they must not be kept.
    static byte[] mac(String credentials) {
        return MAC.get().doFinal(credentials.getBytes(StandardCharsets.ISO_8859_1));
    }

    /// Whose credentials these are; null when that was not proven lately.
    @Nullable
    String user(byte[] mac) {
        int first = first(mac);
        for (int slot = first; slot < first + WAYS; slot++) {
            Entry entry = entries.get(slot);
            if (entry != null && MessageDigest.isEqual(entry.mac(), mac)) {
                return entry.user();
            }
        }
        return null;
    }

    /// A full set loses one of its entries.
    void add(byte[] mac, String user) {
        int first = first(mac);
        int slot = first + (mac[2] & WAYS - 1);
        for (int i = first; i < first + WAYS; i++) {
            if (entries.get(i) == null) {
                slot = i;
                break;
            }
        }
        entries.set(slot, new Entry(mac.clone(), user));
    }

    private static int first(byte[] mac) {
        return ((mac[0] & 0xff) << 8 | mac[1] & 0xff) % (SLOTS / WAYS) * WAYS;
    }

    private static ThreadLocal<Mac> keyed() {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        return ThreadLocal.withInitial(() -> {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(key, "HmacSHA256"));
                return mac;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every JDK has HmacSHA256", e);
            }
        });
    }
}
