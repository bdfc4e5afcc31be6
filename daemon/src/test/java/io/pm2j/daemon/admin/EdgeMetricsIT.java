package io.pm2j.daemon.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.metrics.Registry;
import io.pm2j.metrics.export.PrometheusText;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.forward.ProxyOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EdgeMetricsIT {
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));

    @AfterEach
    void endLoops() throws Exception {
        vertx.close().await(60, TimeUnit.SECONDS);
    }

    @Test
    void tellsHowLongRequestsTookByRouteAndClass() throws Exception {
        try (Proxy proxy = Proxy.start(vertx, ProxyOptions.defaults())) {
            Registry registry = new Registry();
            EdgeMetrics.register(registry, proxy, () -> 3);
            int api = proxy.latencies().routes().of("api");
            ((VertxInternal) vertx)
                    .nettyEventLoopGroup()
                    .next()
                    .submit(() -> proxy.latencies().on(0).measured(api, 204, 2_000_000, 1_000_000))
                    .get();

            String text = PrometheusText.of(registry);

            assertThat(text)
                    .contains("# TYPE pm2j_request_duration_seconds histogram")
                    .contains("pm2j_request_duration_seconds_bucket{code_class=\"2xx\",route=\"api\",le=\"0.001\"} 0")
                    .contains("pm2j_request_duration_seconds_bucket{code_class=\"2xx\",route=\"api\",le=\"0.0025\"} 1")
                    .contains("pm2j_request_duration_seconds_bucket{code_class=\"2xx\",route=\"api\",le=\"+Inf\"} 1")
                    .contains("pm2j_request_duration_seconds_sum{code_class=\"2xx\",route=\"api\"} 0.002")
                    .contains("pm2j_upstream_head_seconds_count{route=\"api\"} 1")
                    .contains("pm2j_access_log_lines_lost_total 3");
            assertThat(PrometheusText.of(registry))
                    .contains("pm2j_request_duration_seconds_count{code_class=\"2xx\",route=\"api\"} 1");
        }
    }
}
