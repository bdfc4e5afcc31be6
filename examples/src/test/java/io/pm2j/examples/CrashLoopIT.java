package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// An app that ends whenever it is started, and what its clients and the machine notice of it.
class CrashLoopIT {
    private static final String APP = """
            const fs = require('fs')
            if (fs.existsSync('well')) require('http').createServer((q, a) => a.end('well')).listen(process.env.PORT)
            else { console.log(Date.now()); process.exit(1) }
            """;
    private static final int STARTS = 8;
    /// The seventh pause of those that begin with 100 ms and grow by half, a little less for the clock.
    private static final long LAST_PAUSE_MILLIS = 1_100;

    @RegisterExtension
    final Product product = new Product();

    @Test
    void z10ACrashLoopSlowsDownCostsLittleAndIsAnsweredByTheErrorPageAtOnce() throws Exception {
        int port = product.freePort();
        product.write("app.js", APP);
        product.write("sorry.html", "<p>sorry");
        product.write("apps.json", """
                { "apps": [{ "name": "crash", "script": "app.js", "exec_mode": "cluster", "instances": 1,
                             "max_restarts": 1000, "exp_backoff_restart_delay": 100, "env": { "PORT": %d },
                             "edge": { "port": %d, "error_pages": { "5xx": "sorry.html" } } }] }
                """.formatted(product.freePort(), port));
        product.run("start", "apps.json");
        List<Long> starts = Product.eventually(
                "it crashes and crashes", () -> numbers(product.log("crash-out-0.log")), all -> all.size() >= STARTS);

        long daemon = Outage.daemonPid(product);
        long cpu = Processes.cpuMillis(daemon);
        long since = System.nanoTime();
        List<Long> micros = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            long begun = System.nanoTime();
            HttpResponse<String> answer = product.get(port, "/");
            micros.add((System.nanoTime() - begun) / 1_000);
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).isEqualTo("<p>sorry");
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            Thread.sleep(30); // traffic, not a wait
        }
        double share = (Processes.cpuMillis(daemon) - cpu) / ((System.nanoTime() - since) / 1e6);

        micros.sort(Long::compareTo);
        assertThat(micros.get(micros.size() / 10))
                .as("µs, where the machine lets it: %s", micros)
                .isLessThan(200_000);
        assertThat(micros.getLast()).as("nobody waits in line").isLessThan(9_000_000);
        assertThat(share).as("share of one processor").isLessThan(0.5);
        long last = starts.get(STARTS - 1) - starts.get(STARTS - 2);
        assertThat(last).as("pauses of %s", starts).isGreaterThan(LAST_PAUSE_MILLIS);

        product.write("well", "");
        Product.eventually("it serves", () -> product.status(port, "/"), status -> status == 200);
    }

    private static List<Long> numbers(String log) {
        return log.lines()
                .filter(line -> line.matches("\\d+"))
                .map(Long::valueOf)
                .toList();
    }
}
