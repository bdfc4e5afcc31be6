package io.pm2j.metrics;

import java.util.List;

/// All series of one metric at one moment, ordered by label values.
public record FamilySnapshot(String name, String help, Kind kind, List<String> labelNames, List<Sample> samples) {
    public FamilySnapshot {
        labelNames = List.copyOf(labelNames);
        samples = List.copyOf(samples);
    }
}
