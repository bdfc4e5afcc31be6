package io.pm2j.supervisor.watch;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/// Changes that come close after each other, as one save or one checkout makes them. Over when
/// nothing has changed for the quiet time. Pure: whoever tells it of changes brings the clock.
/// Confined to one thread.
final class Burst {
    private final long quietNanos;
    private final Set<Path> paths = new LinkedHashSet<>();
    private long lastNanos;

    Burst(long quietNanos) {
        this.quietNanos = quietNanos;
    }

    void add(Path path, long nowNanos) {
        paths.add(path);
        lastNanos = nowNanos;
    }

    boolean isEmpty() {
        return paths.isEmpty();
    }

    /// How long it has to stay quiet yet, 0 when it is over.
    long leftNanos(long nowNanos) {
        return Math.max(0, quietNanos - (nowNanos - lastNanos));
    }

    /// What it came to; a new one begins.
    Change end() {
        Change change = new Change(paths.iterator().next(), paths.size());
        paths.clear();
        return change;
    }
}
