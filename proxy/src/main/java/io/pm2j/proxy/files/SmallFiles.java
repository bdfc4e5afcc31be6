package io.pm2j.proxy.files;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The files kept in memory, bounded by bytes. Reading takes no lock, so loops may; the least recently used go
/// first, as nearly as a second chance per round tells (the CLOCK rule).
final class SmallFiles {
    /// What an entry costs besides its bytes: objects, paths, the key.
    private static final int OVERHEAD = 1_024;

    private final long limit;
    private final Map<String, Slot> slots = new ConcurrentHashMap<>();
    private final Deque<Slot> ring = new ArrayDeque<>();
    private long used;

    SmallFiles(long limit) {
        this.limit = limit;
    }

    @Nullable
    Entry get(String key) {
        Slot slot = slots.get(key);
        if (slot == null) {
            return null;
        }
        if (!slot.touched) {
            slot.touched = true;
        }
        return slot.entry;
    }

    synchronized void put(String key, Entry entry) {
        long cost = OVERHEAD + 4L * key.length();
        for (Resource.Stored stored : entry.resource.all()) {
            cost += stored.content() == null ? OVERHEAD : OVERHEAD + stored.content().length;
        }
        Slot slot = slots.get(key);
        if (slot == null) {
            slot = new Slot(key, entry);
            slots.put(key, slot);
            ring.addLast(slot);
        }
        used += cost - slot.cost;
        slot.cost = cost;
        slot.entry = entry;
        while (used > limit && !ring.isEmpty()) {
            evictOrSpare(ring.removeFirst());
        }
    }

    synchronized void remove(String key) {
        Slot slot = slots.remove(key);
        if (slot != null) {
            ring.remove(slot);
            used -= slot.cost;
        }
    }

    synchronized long usedBytes() {
        return used;
    }

    private void evictOrSpare(Slot slot) {
        if (slot.touched) {
            slot.touched = false;
            ring.addLast(slot);
        } else {
            slots.remove(slot.key);
            used -= slot.cost;
        }
    }

    /// @param checkedNanos when the disk was last asked about it
    record Entry(Resource resource, long checkedNanos) {}

    private static final class Slot {
        final String key;
        volatile Entry entry;
        volatile boolean touched;
        long cost;

        Slot(String key, Entry entry) {
            this.key = key;
            this.entry = entry;
        }
    }
}
