package io.pm2j.proxy.upstream;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The cookies of an upstream's sessions.
///
/// The value for a slot is the signature of the slot's name and nothing else: it tells nothing, cannot be
/// made without the key, and is known beforehand. So reading one is comparing it with those of the
/// endpoints there are, without a computation or an allocation; each comparison takes the same time
/// wherever the first difference is.
final class Sessions {
    /// Slots come and go where each worker is its own.
    private static final int MOST_KNOWN = 1_024;

    private final String upstream;
    private final StickyKey key;
    private final Map<String, String> values = new ConcurrentHashMap<>();

    Sessions(String upstream, StickyKey key) {
        this.upstream = upstream;
        this.key = key;
    }

    /// The value that names `slot`.
    String value(String slot) {
        String known = values.get(slot);
        if (known != null) {
            return known;
        }
        if (values.size() >= MOST_KNOWN) {
            values.clear();
        }
        return values.computeIfAbsent(slot, this::sign);
    }

    private String sign(String slot) {
        return key.sign((upstream + '\0' + slot).getBytes(StandardCharsets.UTF_8));
    }

    /// The one that `cookie` names.
    @Nullable
    Endpoint find(CharSequence cookie, Endpoint[] among) {
        Endpoint found = null;
        for (Endpoint endpoint : among) {
            if (same(cookie, value(endpoint.spec().slot()))) {
                found = endpoint;
            }
        }
        return found;
    }

    private static boolean same(CharSequence one, String other) {
        int length = other.length();
        if (one.length() != length) {
            return false;
        }
        int difference = 0;
        for (int i = 0; i < length; i++) {
            difference |= one.charAt(i) ^ other.charAt(i);
        }
        return difference == 0;
    }
}
