package io.pm2j.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The workers' own record of what they executed, against what the clients were told.
///
/// The fixture app appends the id of every POST to `<directory>/<pid>.log` before it answers. An id on two lines was
/// executed twice; an id that a client holds an answer for and no worker wrote was answered by nobody.
public final class Ledger {
    private Ledger() {}

    /// What the comparison showed.
    ///
    /// @param executed how many ids the workers wrote
    /// @param duplicated ids written more than once
    /// @param missing ids acknowledged to a client and written by no worker
    public record Verdict(long executed, Set<String> duplicated, Set<String> missing) {
        public Verdict {
            duplicated = Set.copyOf(duplicated);
            missing = Set.copyOf(missing);
        }

        /// Whether every POST was executed at most once, and every acknowledged one at least once.
        public boolean clean() {
            return duplicated.isEmpty() && missing.isEmpty();
        }

        /// One line for a person.
        public String summary() {
            return "ledger: %,d executed, %,d twice, %,d acknowledged but missing"
                    .formatted(executed, duplicated.size(), missing.size());
        }
    }

    /// Compares all `*.log` files of `directory` with `report`.
    public static Verdict check(Path directory, LoadReport report) throws IOException {
        Map<String, Integer> times = new HashMap<>();
        for (Path file : logs(directory)) {
            for (String id : Files.readAllLines(file)) {
                times.merge(id, 1, Integer::sum);
            }
        }
        var duplicated = new HashSet<String>();
        times.forEach((id, count) -> {
            if (count > 1) {
                duplicated.add(id);
            }
        });
        var missing = new HashSet<>(report.acknowledged());
        missing.removeAll(times.keySet());
        return new Verdict(times.size(), duplicated, missing);
    }

    private static List<Path> logs(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".log")).toList();
        }
    }
}
