package io.pm2j.proxy.route;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A map from texts, looked up by a piece of any text without making a string of it. Immutable.
///
/// Open addressing, at most half full. The keys come from a configuration, so no client can
/// choose them to collide.
final class CharTable<V> {
    private final boolean anyCase;
    private final int mask;
    private final @Nullable Slot<V>[] slots;

    private record Slot<V>(String key, int hash, V value) {}

    /// With `anyCase`, keys are lower case and ASCII letters are compared without their case.
    @SuppressWarnings({"unchecked", "rawtypes"})
    CharTable(Map<String, V> entries, boolean anyCase) {
        this.anyCase = anyCase;
        int size = Integer.highestOneBit(Math.max(1, entries.size())) * 4;
        this.mask = size - 1;
        this.slots = (Slot<V>[]) new Slot[size];
        entries.forEach((key, value) -> {
            int hash = hash(key, 0, key.length());
            int at = hash & mask;
            while (slots[at] != null) {
                at = (at + 1) & mask;
            }
            slots[at] = new Slot<>(key, hash, value);
        });
    }

    @Nullable
    V get(CharSequence text, int from, int to) {
        int hash = hash(text, from, to);
        for (int at = hash & mask; ; at = (at + 1) & mask) {
            Slot<V> slot = slots[at];
            if (slot == null) {
                return null;
            }
            if (slot.hash == hash && same(slot.key, text, from, to)) {
                return slot.value;
            }
        }
    }

    private boolean same(String key, CharSequence text, int from, int to) {
        if (key.length() != to - from) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (key.charAt(i - from) != folded(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private int hash(CharSequence text, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + folded(text.charAt(i));
        }
        return hash ^ hash >>> 16;
    }

    private char folded(char c) {
        return anyCase && c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
    }
}
