package io.pm2j.daemon;

import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/// The numbers of instances. PM2: they begin at 0 again once the list is empty.
final class PmIds implements IntSupplier {
    private int next;
    private BooleanSupplier listEmpty = () -> false;

    void beginAgainWhen(BooleanSupplier listEmpty) {
        this.listEmpty = listEmpty;
    }

    /// Makes sure that a new list begins at 0.
    synchronized void settle() {
        if (listEmpty.getAsBoolean()) {
            next = 0;
        }
    }

    /// Gives out no number up to `taken` any more.
    synchronized void beyond(int taken) {
        next = Math.max(next, taken + 1);
    }

    @Override
    public synchronized int getAsInt() {
        return next++;
    }
}
