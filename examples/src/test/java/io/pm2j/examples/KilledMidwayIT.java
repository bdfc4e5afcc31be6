package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A daemon that is killed at any moment of a command: the list is as before it or as after it, and every worker that
/// runs is in the list.
class KilledMidwayIT {
    private static final int ROUNDS = 2;
    private static final long SEED = 20261121;
    /// About as long as the longest of the commands takes.
    private static final int LONGEST_MILLIS = 900;

    private static final Set<String> NAMES = Set.of("one", "two", "web", "py");

    @RegisterExtension
    final Product product = new Product();

    private final Random random = new Random(SEED);

    /// What `jlist` says of an app's processes.
    private record Listed(String name, String status, long pid) {}

    @Test
    void nothingIsLostAndNothingRunsTwice() throws Exception {
        int web = product.freePort();
        int py = product.freePort();
        writeApps(web, py);

        for (int round = 0; round < ROUNDS; round++) {
            product.run("ping").succeeds();
            Ran start = killDuring("start", "apps.json");
            List<Listed> started = awaitOrder("start");
            assertThat(names(started)).isSubsetOf(NAMES);
            assertThat(started).allMatch(process -> process.status.equals("online"));
            if (start.exit() == 0) {
                assertThat(names(started)).isEqualTo(NAMES);
            }

            product.run("start", "apps.json").succeeds();
            Ran reload = killDuring("reload", "all");
            List<Listed> reloaded = awaitOrder(reload.toString());
            assertThat(names(reloaded)).isEqualTo(NAMES);
            assertThat(reloaded).hasSize(6).allMatch(process -> process.status.equals("online"));
            for (int port : List.of(web, py)) {
                Product.eventually(port + " answers", () -> product.status(port, "/"), status -> status == 200);
            }

            Ran delete = killDuring("delete", "all");
            List<Listed> left = awaitOrder(delete.toString());
            if (delete.exit() == 0) {
                assertThat(left).isEmpty();
            }
            if (!left.isEmpty()) {
                product.run("delete", "all").succeeds();
            }
            assertThat(Processes.workers(product.home(), product.work())).isEmpty();
        }
    }

    private void writeApps(int web, int py) throws Exception {
        product.app("lines");
        product.app("hello");
        product.app("python");
        Files.writeString(product.work().resolve("apps.json"), """
                {"apps": [
                  {"name": "one", "script": "lines/app.py"},
                  {"name": "two", "script": "lines/app.py"},
                  {"name": "web", "script": "hello/app.js", "instances": 2, "env": {"PORT": %d}},
                  {"name": "py", "script": "python/app.py", "instances": 2, "port": %d}
                ]}
                """.formatted(web, py));
    }

    private Ran killDuring(String... command) throws Exception {
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Ran> running = pool.submit(() -> product.run(command));
            Thread.sleep(random.nextInt(LONGEST_MILLIS));
            Outage.begin(product);
            return running.get();
        }
    }

    /// Looks until nothing is on its way, and the workers that run are those that are listed.
    private List<Listed> awaitOrder(String after) throws Exception {
        return Product.eventually("order after " + after + Outage.daemonLog(product), this::listed, listed -> {
            var pids = new HashSet<Long>();
            for (Listed process : listed) {
                if (process.status.equals("online") ? !pids.add(process.pid) : !process.status.equals("stopped")) {
                    return false;
                }
            }
            return pids.equals(running());
        });
    }

    private Set<Long> running() {
        try {
            return Set.copyOf(Processes.workers(product.home(), product.work()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Listed> listed() throws Exception {
        var listed = new ArrayList<Listed>();
        for (JsonNode process : product.jlist()) {
            listed.add(new Listed(
                    process.path("name").asText(),
                    process.path("pm2_env").path("status").asText(),
                    process.path("pid").asLong()));
        }
        return listed;
    }

    private static Set<String> names(List<Listed> listed) {
        var names = new TreeSet<String>();
        listed.forEach(process -> names.add(process.name));
        return names;
    }
}
