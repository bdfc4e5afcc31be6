package io.pm2j.proxy.admission;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Names for requests: no secrets, and never the same twice.
final class RequestIds {
    private static final int LONGEST = 128;
    private static final String MARKS = "-._~+/=:@";

    private RequestIds() {}

    /// Milliseconds and 74 random bits (UUID version 7, RFC 9562 §5.7): later ids sort behind
    /// earlier ones.
    static String fresh(long epochMillis) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = epochMillis << 16 | 0x7000 | random.nextLong() & 0x0fff;
        long low = 0x8000000000000000L | random.nextLong() >>> 2;
        return new UUID(high, low).toString();
    }

    /// Whether an id that came in can be taken over: 1 to 128 letters, digits and `-._~+/=:@`.
    static boolean isWellFormed(@Nullable CharSequence id) {
        if (id == null || id.isEmpty() || id.length() > LONGEST) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            boolean plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (!plain && MARKS.indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }
}
