package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What programs say of themselves by sd_notify(3), and what follows.
class TalkIT {
    @RegisterExtension
    final Product product = new Product();

    private int port;

    @Test
    void aWorkerIsOnlineWhenItSaysSo() throws Exception {
        app("name: 'web', instances: 2, wait_ready: true, listen_timeout: 300");
        product.run("start", "ecosystem.config.js");
        assertThat(product.statuses("web")).containsExactly("launching", "launching");

        product.write("sd-notify/GO", "");

        Product.eventually("online", () -> product.statuses("web"), List.of("online", "online")::equals);
        product.answers(port);
        Product.eventually(
                "what it says", () -> product.run("describe", "web").out(), out -> out.contains("all is well"));
    }

    @Test
    void aWorkerThatStopsGetsNoMoreRequests() throws Exception {
        app("name: 'web', instances: 2");
        product.write("sd-notify/GO", "");
        product.run("start", "ecosystem.config.js").succeeds();
        Product.eventually("both answer", () -> product.bodies(port, 10), bodies -> bodies.size() == 2);

        String stopping = product.get(port, "/say/STOPPING=1").body();

        Set<String> others = Product.eventually("one answers", () -> product.bodies(port, 10), b -> b.size() == 1);
        assertThat(others).doesNotContain(stopping);
        assertThat(product.statuses("web")).containsExactly("online", "online");
    }

    @Test
    void aWorkerThatGivesNoSignsOfLifeIsReplaced() throws Exception {
        app("name: 'web', watchdog: '4s'");
        product.write("sd-notify/GO", "");
        product.run("start", "ecosystem.config.js").succeeds();
        product.answers(port);
        long first = product.pids("web").getFirst();
        Product.eventually(
                "it has outlived its watchdog",
                () -> System.currentTimeMillis()
                        - product.processes("web")
                                .getFirst()
                                .path("pm2_env")
                                .path("pm_uptime")
                                .asLong(),
                millis -> millis > 5_000);
        assertThat(product.pids("web")).containsExactly(first);

        product.write("sd-notify/STUCK", "");
        Product.eventually("replaced", () -> product.pids("web"), pids -> !pids.isEmpty() && !pids.contains(first));
        Files.delete(product.work().resolve("sd-notify/STUCK"));

        product.answers(port);
        assertThat(product.run("describe", "web").out()).contains("SIGABRT");
    }

    /// With port, instances share it behind the edge.
    private void app(String attributes) throws Exception {
        product.app("sd-notify");
        port = product.freePort();
        product.ecosystem(attributes + ", script: 'sd-notify/app.py', port: " + port);
    }
}
