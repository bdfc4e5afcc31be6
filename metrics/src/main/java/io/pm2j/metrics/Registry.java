package io.pm2j.metrics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/// The list of everything counted in one process. Registering is idempotent; counting never passes through here.
///
/// Any thread. Registering a name again with the same kind and labels gives the same metric; with others it is
/// refused.
public final class Registry {
    private final Map<String, Family<?>> families = new ConcurrentSkipListMap<>();
    private final List<Consumer<SampleSink>> collectors = new CopyOnWriteArrayList<>();
    private final Labelled<Counter> overflows;
    private final Counter collectorFailures;
    private final Counter refusedSamples;

    public Registry() {
        // The family that counts overflows is keyed by family name, so it cannot overflow through client input.
        overflows = new Labelled<>(1, Counter::new, new Counter());
        families.put(
                MetricNames.OVERFLOWS,
                new Family<>(
                        "Series refused because a family reached its cap.",
                        Kind.COUNTER,
                        List.of("family"),
                        overflows,
                        Registry::read));
        collectorFailures = counter(MetricNames.COLLECTOR_FAILURES, "Collectors that threw during a scrape.");
        refusedSamples = counter(MetricNames.REFUSED_SAMPLES, "Samples of collectors left out of a scrape.");
    }

    /// @param name must end in `_total`
    public Counter counter(String name, String help) {
        return counters(name, help).with();
    }

    /// @param name must end in `_total`
    public Labelled<Counter> counters(String name, String help, String... labelNames) {
        return family(name, help, Kind.COUNTER, List.of(labelNames), Counter::new, Registry::read);
    }

    public LatencyHistogram histogram(String name, String help) {
        return histograms(name, help).with();
    }

    public Labelled<LatencyHistogram> histograms(String name, String help, String... labelNames) {
        return family(
                name,
                help,
                Kind.HISTOGRAM,
                List.of(labelNames),
                LatencyHistogram::new,
                h -> new Sample.Reading.Distribution(h.snapshot()));
    }

    /// A gauge without labels; gauges with labels are told by a collector. The first source of a name stays.
    public Gauge gauge(String name, String help, DoubleSupplier source) {
        return family(
                        name,
                        help,
                        Kind.GAUGE,
                        List.of(),
                        () -> new Gauge(source),
                        g -> new Sample.Reading.Value(g.value()))
                .with();
    }

    /// Adds a callback that tells its samples at every scrape, on the scraping thread. One that throws is counted
    /// and costs the scrape only its remaining samples.
    public void collect(Consumer<SampleSink> collector) {
        collectors.add(collector);
    }

    /// All families by name, with their series by label values.
    public List<FamilySnapshot> snapshot() {
        ScrapeSamples told = new ScrapeSamples(families::containsKey, refusedSamples);
        for (Consumer<SampleSink> collector : collectors) {
            try {
                collector.accept(told);
            } catch (RuntimeException broken) {
                collectorFailures.increment();
            }
        }
        List<FamilySnapshot> all = new ArrayList<>(told.families());
        families.forEach((name, family) -> all.add(family.snapshot(name)));
        all.sort(Comparator.comparing(FamilySnapshot::name));
        return all;
    }

    @SuppressWarnings("unchecked") // same kind, hence same metric class: checked just before
    private <M> Labelled<M> family(
            String name,
            String help,
            Kind kind,
            List<String> labels,
            Supplier<M> maker,
            Function<M, Sample.Reading> reader) {
        MetricNames.check(name, kind, labels);
        Family<?> family = families.computeIfAbsent(
                name,
                n -> new Family<>(
                        help, kind, labels, new Labelled<>(labels.size(), maker, overflows.with(name)), reader));
        if (family.kind != kind || !family.labels.equals(labels)) {
            throw new IllegalArgumentException("The metric " + name + " is already a "
                    + family.kind.name().toLowerCase(Locale.ROOT) + " with labels " + family.labels);
        }
        return (Labelled<M>) family.series;
    }

    private static Sample.Reading read(Counter counter) {
        return new Sample.Reading.Value(counter.value());
    }

    private record Family<M>(
            String help, Kind kind, List<String> labels, Labelled<M> series, Function<M, Sample.Reading> reader) {
        FamilySnapshot snapshot(String name) {
            List<Sample> samples = new ArrayList<>();
            series.forEach((values, metric) -> {
                Sample.Reading reading = reader.apply(metric);
                // An overflow counter exists for every family; only those that happened are worth a line.
                boolean silent = name.equals(MetricNames.OVERFLOWS)
                        && reading instanceof Sample.Reading.Value(double value)
                        && value == 0;
                if (!silent) {
                    samples.add(new Sample(values, reading));
                }
            });
            samples.sort(ScrapeSamples.BY_LABELS);
            return new FamilySnapshot(name, help, kind, labels, samples);
        }
    }
}
