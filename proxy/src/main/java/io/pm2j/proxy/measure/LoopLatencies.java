package io.pm2j.proxy.measure;

import org.jspecify.annotations.Nullable;

/// What one event loop has measured since it was last asked. The loop's alone: nothing is locked,
/// and recording allocates nothing once a route has been seen.
public final class LoopLatencies {
    /// Status classes 1 to 5, and 0 for requests that ended without an answer.
    static final int CLASSES = 6;

    private final @Nullable Cell[] requests = new Cell[(RouteMeters.MOST + 1) * CLASSES];
    private final @Nullable Cell[] heads = new Cell[RouteMeters.MOST + 1];

    LoopLatencies() {}

    /// Records a finished request.
    ///
    /// @param route its number from [RouteMeters]
    /// @param status what the client was answered, 0 when it went without an answer
    /// @param durationNanos from the request's head to the response's last byte
    /// @param headNanos from the request's going out to its response's head; negative: none
    public void measured(int route, int status, long durationNanos, long headNanos) {
        record(requests, route * CLASSES + classOf(status), durationNanos);
        if (headNanos >= 0) {
            record(heads, route, headNanos);
        }
    }

    private static int classOf(int status) {
        int hundreds = status / 100;
        return hundreds < CLASSES ? hundreds : 0;
    }

    private static void record(@Nullable Cell[] cells, int index, long nanos) {
        Cell cell = cells[index];
        if (cell == null) {
            cell = new Cell();
            cells[index] = cell;
        }
        cell.record(nanos);
    }

    /// Hands over what there is and begins anew, with the empty cells that the reader has left
    /// over.
    Taken take(Spares spares) {
        return new Taken(swap(requests, spares), swap(heads, spares));
    }

    private static @Nullable Cell[] swap(@Nullable Cell[] cells, Spares spares) {
        @Nullable Cell[] taken = new Cell[cells.length];
        for (int i = 0; i < cells.length; i++) {
            Cell cell = cells[i];
            if (cell != null && !cell.isEmpty()) {
                taken[i] = cell;
                // A null is filled at the next record; a spare saves the loop that.
                cells[i] = spares.poll();
            }
        }
        return taken;
    }

    /// By route and status class, and by route.
    @SuppressWarnings("ArrayRecordComponent")
    record Taken(@Nullable Cell[] requests, @Nullable Cell[] heads) {}
}
