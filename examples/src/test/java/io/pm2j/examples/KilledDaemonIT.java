package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The daemon as a service that is killed: what listens is kept by the service manager meanwhile (Z18).
class KilledDaemonIT {
    private static final int PER_SECOND = 40;

    @RegisterExtension
    final Product product = new Product();

    @Test
    void z18NobodyIsRefusedAndWorkersKeepTheirPids() throws Exception {
        try (ServiceUnderTest service = ServiceUnderTest.start(product)) {
            Map<String, Integer> ports = new TreeMap<>();
            ports.put("hello", product.start("hello"));
            ports.put("python", startPython());
            ports.put("forked", startForked());
            List<String> before = listed();

            Crossed first = killUnderLoad(service, ports, 2);
            first.assertOnlyWhatWasUnderWayIsLost();
            assertThat(listed()).isEqualTo(before);

            Crossed second = killUnderLoad(service, ports, 3);
            second.assertOnlyWhatWasUnderWayIsLost();
            assertThat(listed()).isEqualTo(before);

            for (String app : ports.keySet()) {
                product.run("reload", app).succeeds();
                assertThat(product.status(ports.get(app), "/")).isEqualTo(200);
                product.run("delete", app).succeeds();
                assertThat(Product.listens(ports.get(app))).as(app).isFalse();
            }
            assertThat(service.kept()).isEmpty();
        }
    }

    // --- steps ---------------------------------------------------------------------------------------------

    private int startPython() throws Exception {
        product.app("python");
        int port = product.freePort();
        product.run("start", "python/app.py", "--name", "python", "--port", String.valueOf(port), "-i", "2")
                .succeeds();
        product.answers(port);
        return port;
    }

    private int startForked() throws Exception {
        int port = product.freePort();
        product.with("PORT", port)
                .run("start", "hello/app.js", "--name", "forked")
                .succeeds();
        product.answers(port);
        return port;
    }

    /// What arrived at each app while the daemon was killed, between `from` and `until`.
    private record Crossed(Map<String, List<Arrivals.Arrival>> arrivals, long from, long until) {
        void assertOnlyWhatWasUnderWayIsLost() {
            arrivals.forEach((app, all) -> {
                List<Arrivals.Arrival> lost =
                        all.stream().filter(one -> !one.good()).toList();
                assertThat(lost).as("let in: " + app).allMatch(Arrivals.Arrival::connected);
                assertThat(lost).as("lost: " + app).allMatch(one -> one.underWay(from, until));
                assertThat(all.stream().filter(one -> one.begun() > until && one.good()))
                        .as("came after it: " + app)
                        .hasSizeGreaterThan(PER_SECOND / 4);
            });
        }
    }

    private Crossed killUnderLoad(ServiceUnderTest service, Map<String, Integer> ports, int daemons) throws Exception {
        Map<String, Arrivals> load = new TreeMap<>();
        ports.forEach((app, port) -> load.put(app, Arrivals.at(port, PER_SECOND)));
        long from;
        long until;
        try {
            Product.eventually("under way", () -> least(load), count -> count > PER_SECOND / 2);
            from = System.nanoTime();
            service.killDaemon();
            until = System.nanoTime();
            service.awaitReady(daemons);
            long sofar = least(load);
            Product.eventually("goes on", () -> least(load), count -> count > sofar + PER_SECOND);
        } finally {
            load.values().forEach(Arrivals::close);
        }
        Map<String, List<Arrivals.Arrival>> arrivals = new TreeMap<>();
        load.forEach((app, all) -> arrivals.put(app, all.all()));
        return new Crossed(arrivals, from, until);
    }

    private static long least(Map<String, Arrivals> load) {
        return load.values().stream().mapToLong(Arrivals::good).min().orElseThrow();
    }

    /// What must not change.
    private List<String> listed() throws Exception {
        var listed = new ArrayList<String>();
        for (JsonNode process : product.jlist()) {
            JsonNode env = process.path("pm2_env");
            listed.add(process.path("pm_id").asInt() + " "
                    + process.path("name").asText() + " "
                    + process.path("pid").asLong() + " "
                    + env.path("status").asText() + " "
                    + env.path("restart_time").asInt());
        }
        return listed;
    }
}
