package io.pm2j.metrics.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.metrics.Registry;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PrometheusTextTest {
    private final Registry registry = new Registry();

    @Test
    void writesFamiliesByNameAndSeriesByLabel() {
        var hits = registry.counters("hits_total", "Hits \\ by\nhost \"x\".", "host", "code");
        hits.with("b", "200").add(3);
        hits.with("a\"\\\n", "404").increment();
        registry.gauge("free", "Free.", () -> Double.NaN);
        registry.gauge("busy", "Busy.", () -> 0.25);
        assertThat(PrometheusText.of(registry)).isEqualTo("""
                # HELP busy Busy.
                # TYPE busy gauge
                busy 0.25
                # HELP free Free.
                # TYPE free gauge
                free NaN
                # HELP hits_total Hits \\\\ by\\nhost "x".
                # TYPE hits_total counter
                hits_total{host="a\\"\\\\\\n",code="404"} 1
                hits_total{host="b",code="200"} 3
                # HELP pm2j_metric_collector_failures_total Collectors that threw during a scrape.
                # TYPE pm2j_metric_collector_failures_total counter
                pm2j_metric_collector_failures_total 0
                # HELP pm2j_metric_samples_refused_total Samples of collectors left out of a scrape.
                # TYPE pm2j_metric_samples_refused_total counter
                pm2j_metric_samples_refused_total 0
                """);
    }

    @Test
    void writesCumulativeBucketsSumAndCount() {
        var took = registry.histograms("took_seconds", "Took.", "route").with("r");
        took.recordNanos(5_000_000);
        took.recordNanos(5_000_001);
        took.recordNanos(20_000_000_000L);
        took.recordNanos(-1);
        assertThat(PrometheusText.of(registry)).endsWith("""
                # HELP took_seconds Took.
                # TYPE took_seconds histogram
                took_seconds_bucket{route="r",le="0.005"} 2
                took_seconds_bucket{route="r",le="0.01"} 3
                took_seconds_bucket{route="r",le="0.025"} 3
                took_seconds_bucket{route="r",le="0.05"} 3
                took_seconds_bucket{route="r",le="0.075"} 3
                took_seconds_bucket{route="r",le="0.1"} 3
                took_seconds_bucket{route="r",le="0.25"} 3
                took_seconds_bucket{route="r",le="0.5"} 3
                took_seconds_bucket{route="r",le="0.75"} 3
                took_seconds_bucket{route="r",le="1"} 3
                took_seconds_bucket{route="r",le="2.5"} 3
                took_seconds_bucket{route="r",le="5"} 3
                took_seconds_bucket{route="r",le="7.5"} 3
                took_seconds_bucket{route="r",le="10"} 3
                took_seconds_bucket{route="r",le="+Inf"} 4
                took_seconds_sum{route="r"} 20.010000001
                took_seconds_count{route="r"} 4
                """);
    }

    @Test
    void writesWhatCollectorsTellEvenWhenOneThrows() {
        registry.collect(sink -> {
            sink.gauge("app_up", "Up.", Map.of("app", "b"), 1);
            sink.gauge("app_up", "Up.", Map.of("app", "a"), 0);
            sink.gauge("app_up", "Up.", Map.of("app", "a"), 7);
            throw new IllegalStateException("broken");
        });
        assertThat(PrometheusText.of(registry))
                .startsWith("""
                        # HELP app_up Up.
                        # TYPE app_up gauge
                        app_up{app="a"} 0
                        app_up{app="b"} 1
                        """)
                .contains("pm2j_metric_collector_failures_total 1\n")
                .contains("pm2j_metric_samples_refused_total 1\n");
    }

    @Test
    void writesNumbersAsPrometheusReadsThem() {
        assertThat(PrometheusText.number(Double.POSITIVE_INFINITY)).isEqualTo("+Inf");
        assertThat(PrometheusText.number(Double.NEGATIVE_INFINITY)).isEqualTo("-Inf");
        assertThat(PrometheusText.number(1e9)).isEqualTo("1000000000");
        assertThat(PrometheusText.number(1e300)).isEqualTo("1.0E300");
        assertThat(PrometheusText.number(0.1)).isEqualTo("0.1");
    }
}
