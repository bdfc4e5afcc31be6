package io.pm2j.proxy.measure;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// Empty cells that go round between the reader and the loops.
final class Spares {
    private final Queue<Cell> cells = new ConcurrentLinkedQueue<>();

    @Nullable
    Cell poll() {
        return cells.poll();
    }

    void add(Cell cell) {
        cell.clear();
        cells.add(cell);
    }
}
