package io.pm2j.bench.handover;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// `ROUNDS CONNECTIONS WORKERS RATE REQUESTS`: measures every [Way] so many times, in turn, and prints a table.
public final class Main {
    private Main() {}

    /// What was measured of one way.
    private record Column(Way way, List<Measured> all) {
        String said(Function<Measured, String> what) {
            return all.stream().map(what).distinct().collect(Collectors.joining(", "));
        }

        long sum(ToLongFunction<Measured> value) {
            return all.stream().mapToLong(value).sum();
        }

        /// How many of `each` in every round.
        String of(ToLongFunction<Measured> value, long each) {
            return sum(value) + " of " + each * all.size();
        }

        String spread(ToDoubleFunction<Measured> value) {
            double[] sorted = all.stream().mapToDouble(value).sorted().toArray();
            return String.format(
                    Locale.ROOT,
                    "**%.1f** (%.1f to %.1f)",
                    sorted[sorted.length / 2],
                    sorted[0],
                    sorted[sorted.length - 1]);
        }
    }

    public static void main(String[] arguments) throws IOException, InterruptedException, ExecutionException {
        if (arguments.length != 5) {
            System.err.println("expected: ROUNDS CONNECTIONS WORKERS RATE REQUESTS");
            System.exit(2);
        }
        List<Integer> numbers = Stream.of(arguments).map(Integer::valueOf).toList();
        int connections = numbers.get(1);
        int workers = numbers.get(2);
        List<Column> columns = Stream.of(Way.values())
                .map(way -> new Column(way, new ArrayList<>()))
                .toList();
        for (int round = 0; round < numbers.getFirst(); round++) {
            for (Column column : columns) {
                Measured one = new Trial(column.way, connections, workers, numbers.get(3), numbers.get(4)).run();
                column.all.add(one);
                System.err.println(line(column.way, one));
            }
        }
        print(columns, connections, workers);
    }

    private static String line(Way way, Measured one) {
        return String.format(
                Locale.ROOT,
                "%-9s rest to ready %.1f ms, longest gap %.1f ms, failed %d of %d, cpu %d ms, peak %d KiB",
                way,
                one.pauseMillis(),
                one.longestGapMillis(),
                one.load().failures().size(),
                one.load().sent(),
                one.cpuMillis(),
                one.peakKib());
    }

    private static void print(List<Column> columns, int connections, int workers) {
        row("", columns, column -> column.way.text);
        row("---", columns, _ -> "---");
        row("rest to ready, ms", columns, c -> c.spread(Measured::pauseMillis));
        row("longest time without any answer, ms", columns, c -> c.spread(Measured::longestGapMillis));
        row(
                "failed requests",
                columns,
                c -> c.sum(m -> m.load().failures().size()) + " of "
                        + c.sum(m -> m.load().sent()));
        row("idle connections that answered afterwards", columns, c -> c.of(Measured::answered, connections));
        row("processor time until ready, ms", columns, c -> c.spread(Measured::cpuMillis));
        row("most memory at once (Rss), MiB", columns, c -> c.spread(m -> m.peakKib() / 1024.0));
        row("workers that answer on their channel", columns, c -> c.of(m -> m.checked("channels"), workers));
        row("workers that are children still", columns, c -> c.of(m -> m.checked("children"), workers));
        row("exit codes seen", columns, c -> c.of(m -> m.checked("codes"), workers));
        row("exits without a code (`waitid`: ECHILD)", columns, c -> c.of(m -> m.checked("unseen"), workers));
        row("same pid", columns, c -> c.said(m -> m.samePid() ? "yes" : "no"));
        row("POSIX lock when ready", columns, c -> c.said(m -> m.ready().getOrDefault("lock", "")));
    }

    private static void row(String what, List<Column> columns, Function<Column, String> value) {
        System.out.println("| " + what + " | " + columns.stream().map(value).collect(Collectors.joining(" | ")) + " |");
    }
}
