package io.pm2j.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.metrics.export.PrometheusText;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RegistryTest {
    private final Registry registry = new Registry();

    @Test
    void countsSeriesPastTheCapAsOther() {
        Labelled<Counter> hits = registry.counters("hits_total", "Hits.", "host");
        for (int i = 0; i < Labelled.MAX_SERIES + 5; i++) {
            hits.with("h" + i).increment();
        }
        hits.with("h0").increment();
        assertThat(hits.with("h0").value()).isEqualTo(2);
        assertThat(PrometheusText.of(registry))
                .contains("hits_total{host=\"other\"} 5\n")
                .contains("pm2j_metric_series_overflow_total{family=\"hits_total\"} 5\n");
    }

    @Test
    void givesTheSameMetricForTheSameName() {
        assertThat(registry.counter("a_total", "A.")).isSameAs(registry.counter("a_total", "A."));
    }

    @Test
    void refusesANameWithAnotherMeaning() {
        registry.counters("a_total", "A.", "x");
        assertThatThrownBy(() -> registry.counters("a_total", "A.", "y"))
                .hasMessage("The metric a_total is already a counter with labels [x]");
        assertThatThrownBy(() -> registry.counter("hits", "Hits."))
                .hasMessage("A counter's name ends in _total, unlike hits");
        assertThatThrownBy(() -> registry.histograms("t", "T.", "le")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> registry.counters("b_total", "B.", "x").with())
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void losesNoCountUnderManyThreads() {
        Labelled<Counter> hits = registry.counters("hits_total", "Hits.", "n");
        IntStream.range(0, 40_000)
                .parallel()
                .forEach(i -> hits.with(Integer.toString(i % 7)).increment());
        long sum = IntStream.range(0, 7)
                .mapToLong(i -> hits.with(Integer.toString(i)).value())
                .sum();
        assertThat(sum).isEqualTo(40_000);
    }
}
