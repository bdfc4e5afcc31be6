package io.pm2j.proxy.upstream;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The secret that the cookies of sessions are made with: one for each daemon home, so that they
/// outlive the daemon.
public final class StickyKey {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int LEAST_BYTES = 16;
    /// 128 bits: 22 characters.
    private static final int KEPT_BYTES = 16;

    private final SecretKeySpec key;

    /// @param secret random bytes, at least 16
    public StickyKey(byte[] secret) {
        if (secret.length < LEAST_BYTES) {
            throw new IllegalArgumentException("a key of " + secret.length + " bytes (expected: >= 16)");
        }
        key = new SecretKeySpec(secret, ALGORITHM);
    }

    /// HMAC-SHA256 (RFC 2104) of what the session sticks to, cut to its first half as §5 there allows.
    String sign(byte[] what) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            byte[] whole = mac.doFinal(what);
            byte[] kept = Arrays.copyOf(whole, KEPT_BYTES);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(kept);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }
}
