package io.pm2j.metrics;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/// One metric with labels: a series per distinct list of label values, at most [#MAX_SERIES].
///
/// Label values may come from clients (hosts, paths), so the number of series is capped: past it everything is
/// counted in one series whose values are all `other`, and the overflow itself is counted.
///
/// @param <M> what one series is
public final class Labelled<M> {
    /// Series per family, the `other` series not included.
    public static final int MAX_SERIES = 2_000;

    private final int labelCount;
    private final Supplier<M> maker;
    private final Counter overflows;
    private final Map<List<String>, M> series = new ConcurrentHashMap<>();

    Labelled(int labelCount, Supplier<M> maker, Counter overflows) {
        this.labelCount = labelCount;
        this.maker = maker;
        this.overflows = overflows;
    }

    /// The series of these label values, made on first use. Keep the result where the labels are known in advance.
    ///
    /// @throws IllegalArgumentException when the number of values is not the number of label names
    public M with(String... values) {
        if (values.length != labelCount) {
            throw new IllegalArgumentException(
                    "This metric has " + labelCount + " labels but was given " + values.length + " values");
        }
        List<String> key = List.of(values);
        M known = series.get(key);
        return known != null ? known : admit(key);
    }

    /// Forgets a series, as when the app it speaks of was deleted.
    public void remove(String... values) {
        series.remove(List.of(values));
    }

    private synchronized M admit(List<String> key) {
        M known = series.get(key);
        if (known != null) {
            return known;
        }
        if (series.size() >= MAX_SERIES) {
            overflows.increment();
            // A label that really is `other` shares this series: two lines of one name would void the scrape.
            return series.computeIfAbsent(Collections.nCopies(labelCount, "other"), k -> maker.get());
        }
        M made = maker.get();
        series.put(key, made);
        return made;
    }

    void forEach(BiConsumer<List<String>, M> visit) {
        series.forEach(visit);
    }
}
