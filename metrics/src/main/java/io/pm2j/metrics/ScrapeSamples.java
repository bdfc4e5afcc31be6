package io.pm2j.metrics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/// What the collectors told during one scrape, kept well formed. Confined to the scraping thread.
final class ScrapeSamples implements SampleSink {
    static final Comparator<Sample> BY_LABELS = (a, b) -> {
        for (int i = 0; i < Math.min(a.labelValues().size(), b.labelValues().size()); i++) {
            int order = a.labelValues().get(i).compareTo(b.labelValues().get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(a.labelValues().size(), b.labelValues().size());
    };

    private final Predicate<String> registered;
    private final Counter refused;
    private final Map<String, Told> told = new HashMap<>();

    ScrapeSamples(Predicate<String> registered, Counter refused) {
        this.registered = registered;
        this.refused = refused;
    }

    @Override
    public void gauge(String name, String help, Map<String, String> labels, double value) {
        add(name, help, Kind.GAUGE, labels, new Sample.Reading.Value(value));
    }

    @Override
    public void counter(String name, String help, Map<String, String> labels, double value) {
        add(name, help, Kind.COUNTER, labels, new Sample.Reading.Value(value));
    }

    @Override
    public void histogram(String name, String help, Map<String, String> labels, LatencyHistogram.Snapshot snapshot) {
        add(name, help, Kind.HISTOGRAM, labels, new Sample.Reading.Distribution(snapshot));
    }

    List<FamilySnapshot> families() {
        List<FamilySnapshot> all = new ArrayList<>();
        told.forEach((name, family) -> {
            List<Sample> samples = new ArrayList<>(family.samples.values());
            samples.sort(BY_LABELS);
            all.add(new FamilySnapshot(name, family.help, family.kind, family.labels, samples));
        });
        return all;
    }

    private void add(String name, String help, Kind kind, Map<String, String> given, Sample.Reading reading) {
        Map<String, String> labels = new TreeMap<>(given);
        List<String> names = List.copyOf(labels.keySet());
        MetricNames.check(name, kind, names);
        Told family = told.computeIfAbsent(name, n -> new Told(help, kind, names, new HashMap<>()));
        List<String> values = List.copyOf(labels.values());
        boolean fits = !registered.test(name)
                && family.kind == kind
                && family.labels.equals(names)
                && !family.samples.containsKey(values)
                && family.samples.size() < Labelled.MAX_SERIES;
        if (fits) {
            family.samples.put(values, new Sample(values, reading));
        } else {
            refused.increment();
            if (family.samples.isEmpty()) {
                told.remove(name);
            }
        }
    }

    private record Told(String help, Kind kind, List<String> labels, Map<List<String>, Sample> samples) {}
}
