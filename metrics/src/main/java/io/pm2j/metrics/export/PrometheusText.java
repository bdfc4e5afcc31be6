package io.pm2j.metrics.export;

import io.pm2j.metrics.FamilySnapshot;
import io.pm2j.metrics.LatencyHistogram;
import io.pm2j.metrics.Registry;
import io.pm2j.metrics.Sample;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The Prometheus text exposition format, version 0.0.4. Families by name, series by label values: the same
/// numbers always give the same text.
public final class PrometheusText {
    /// The `Content-Type` this text travels under.
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final StringBuilder out = new StringBuilder(4096);

    private PrometheusText() {}

    /// Writes every family that has a series now.
    public static String of(Registry registry) {
        return of(registry.snapshot());
    }

    static String of(List<FamilySnapshot> families) {
        PrometheusText text = new PrometheusText();
        for (FamilySnapshot family : families) {
            if (!family.samples().isEmpty()) {
                text.family(family);
            }
        }
        return text.out.toString();
    }

    private void family(FamilySnapshot family) {
        String kind = family.kind().name().toLowerCase(Locale.ROOT);
        out.append("# HELP ").append(family.name()).append(' ');
        escape(family.help(), false);
        out.append("\n# TYPE ").append(family.name()).append(' ').append(kind).append('\n');
        for (Sample sample : family.samples()) {
            switch (sample.reading()) {
                case Sample.Reading.Value(double value) -> line(family, "", sample, null, number(value));
                case Sample.Reading.Distribution(LatencyHistogram.Snapshot shot) -> distribution(family, sample, shot);
            }
        }
    }

    private void distribution(FamilySnapshot family, Sample sample, LatencyHistogram.Snapshot shot) {
        double[] bounds = shot.boundsSeconds();
        for (int i = 0; i < bounds.length; i++) {
            line(family, "_bucket", sample, number(bounds[i]), Long.toString(shot.cumulative()[i]));
        }
        line(family, "_bucket", sample, "+Inf", Long.toString(shot.count()));
        line(family, "_sum", sample, null, number(shot.sumSeconds()));
        line(family, "_count", sample, null, Long.toString(shot.count()));
    }

    private void line(FamilySnapshot family, String suffix, Sample sample, @Nullable String le, String value) {
        out.append(family.name()).append(suffix);
        char open = '{';
        for (int i = 0; i < family.labelNames().size(); i++) {
            out.append(open).append(family.labelNames().get(i)).append("=\"");
            escape(sample.labelValues().get(i), true);
            out.append('"');
            open = ',';
        }
        if (le != null) {
            out.append(open).append("le=\"").append(le).append('"');
            open = ',';
        }
        if (open == ',') {
            out.append('}');
        }
        out.append(' ').append(value).append('\n');
    }

    private void escape(String text, boolean quoted) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '"' -> out.append(quoted ? "\\\"" : "\"");
                default -> out.append(c);
            }
        }
    }

    static String number(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        // Whole numbers without a fraction, as a counter is read; 2^53 is where doubles stop counting one by one.
        if (value == Math.rint(value) && Math.abs(value) <= 0x1p53) {
            return Long.toString((long) value);
        }
        return Double.toString(value);
    }
}
