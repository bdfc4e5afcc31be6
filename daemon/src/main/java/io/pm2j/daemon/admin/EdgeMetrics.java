package io.pm2j.daemon.admin;

import io.pm2j.metrics.Registry;
import io.pm2j.metrics.SampleSink;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.ProxyCounters;
import io.pm2j.proxy.forward.Count;
import io.pm2j.proxy.http.Violation;
import io.pm2j.proxy.measure.Latencies;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/// What `/metrics` says of the edge: the data path's own counters, read at each scrape.
public final class EdgeMetrics {
    private EdgeMetrics() {}

    /// Adds them to `registry`. `lostAccessLines` counts what could not be written.
    public static void register(Registry registry, Proxy proxy, LongSupplier lostAccessLines) {
        registry.collect(sink -> tell(sink, proxy));
        registry.collect(sink -> tell(sink, proxy.latencies()));
        registry.collect(sink -> sink.counter(
                "pm2j_access_log_lines_lost_total",
                "Lines of access logs that could not be written.",
                Map.of(),
                lostAccessLines.getAsLong()));
    }

    private static void tell(SampleSink sink, Latencies latencies) {
        try {
            Latencies.Reading reading = latencies.read();
            reading.requests()
                    .forEach(request -> sink.histogram(
                            "pm2j_request_duration_seconds",
                            "From a request's head to the last byte of its response.",
                            Map.of("route", request.route(), "code_class", codeClass(request.statusClass())),
                            request.durations().buckets()));
            reading.heads()
                    .forEach(head -> sink.histogram(
                            "pm2j_upstream_head_seconds",
                            "From a request's going out to the head of its response.",
                            Map.of("route", head.route()),
                            head.durations().buckets()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// A client that went, or was cut off, has none.
    private static String codeClass(int statusClass) {
        return statusClass == 0 ? "none" : statusClass + "xx";
    }

    private static void tell(SampleSink sink, Proxy proxy) {
        ProxyCounters counters = proxy.counters();
        sink.gauge(
                "pm2j_edge_open_connections",
                "Connections of clients that are open.",
                Map.of(),
                counters.openConnections());
        sink.gauge("pm2j_queue_depth", "Requests that wait for a worker.", Map.of(), proxy.waiting());
        for (Count count : Count.values()) {
            tell(sink, count, counters.of(count));
        }
        for (Violation violation : Violation.values()) {
            long refused = counters.refused(violation);
            if (refused > 0) {
                sink.counter(
                        "pm2j_protocol_errors_total",
                        "Messages refused as malformed, by what was wrong.",
                        Map.of("class", violation.name().toLowerCase(Locale.ROOT)),
                        refused);
            }
        }
    }

    private static void tell(SampleSink sink, Count count, long value) {
        String name = count.name().toLowerCase(Locale.ROOT);
        if (name.startsWith("responses_")) {
            sink.counter(
                    "pm2j_edge_responses_total",
                    "Responses to clients by status class.",
                    Map.of("status", name.substring("responses_".length())),
                    value);
        } else {
            sink.counter(
                    "pm2j_edge_" + name + "_total",
                    "Of the data path: " + name.replace('_', ' ') + ".",
                    Map.of(),
                    value);
        }
    }
}
