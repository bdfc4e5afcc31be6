package io.pm2j.supervisor.log;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// A log file that was put aside. `stamp` and `counter` are those of its name.
record Aside(Path path, String stamp, int counter, boolean compressed, long bytes, long modifiedMillis) {
    /// The time of the last line decides, not the name: a local clock is set back once a year.
    static final Comparator<Aside> OLDEST_FIRST = Comparator.comparingLong(Aside::modifiedMillis)
            .thenComparing(Aside::stamp)
            .thenComparingInt(Aside::counter);

    /// Those of `newestFirst` that are too many: beyond the newest `keep`, or beyond `totalBytes`
    /// together (0: no limit). Nothing older than one that goes stays.
    static List<Aside> excess(List<Aside> newestFirst, int keep, long totalBytes) {
        List<Aside> excess = new ArrayList<>();
        long total = 0;
        for (int i = 0; i < newestFirst.size(); i++) {
            Aside aside = newestFirst.get(i);
            total += aside.bytes();
            if (i >= keep || totalBytes > 0 && total > totalBytes) {
                excess.add(aside);
            }
        }
        return excess;
    }
}
