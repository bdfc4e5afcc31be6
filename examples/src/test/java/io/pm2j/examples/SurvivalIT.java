package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What a daemon that was killed leaves, and what the next one makes of it, which the next command starts.
class SurvivalIT {
    @RegisterExtension
    final Product product = new Product();

    @Test
    void aWorkerGoesOnUnderItsPidAndEveryLineOfItIsLoggedOnce() throws Exception {
        Path script = startLines("lines");
        long pid = onlyPid("lines");
        awaitLines("lines", 20);
        // What a daemon has read and not written yet is gone when it is killed: nothing is on its way just then.
        Path rest = Files.createFile(product.work().resolve("rest"));
        Path resting = product.work().resolve("resting");
        Product.eventually("it rests", () -> Files.exists(resting), there -> there);
        int printed = Integer.parseInt(Files.readString(resting));
        Product.eventually("all is logged", () -> logged("lines").size(), size -> size == printed);

        Outage.begin(product);
        Files.delete(rest);
        assertThat(onlyPid("lines")).isEqualTo(pid);
        awaitLines("lines", logged("lines").size() + 100);

        List<String> lines = logged("lines");
        assertThat(lines)
                .containsExactlyElementsOf(IntStream.range(0, lines.size())
                        .mapToObj(String::valueOf)
                        .toList());
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        Product.eventually(
                "another one runs", () -> product.pids("lines"), pids -> pids.size() == 1 && !pids.contains(pid));
        assertThat(restarts("lines")).isEqualTo(1);
        product.run("stop", "lines").succeeds();
        assertThat(Processes.workers(product.home(), script)).isEmpty();
    }

    @Test
    void stopEndsAWorkerThatWasTakenUp() throws Exception {
        Path script = startLines("lines");
        long pid = onlyPid("lines");

        Outage.begin(product);
        product.run("stop", "lines").succeeds();

        assertThat(Outage.gone(pid)).isTrue();
        assertThat(Processes.workers(product.home(), script)).isEmpty();
        assertThat(product.statuses("lines")).containsExactly("stopped");
    }

    @Test
    void aForkedServerAnswersAllTheTime() throws Exception {
        product.app("hello");
        int port = product.freePort();
        product.with("PORT", port).run("start", "hello/app.js").succeeds();
        Product.eventually("answers", () -> product.status(port, "/"), status -> status == 200);
        long pid = onlyPid("app");
        var bad = new AtomicInteger();
        var good = new AtomicInteger();

        try (var asking = new Repeating(() -> (product.status(port, "/") == 200 ? good : bad).incrementAndGet())) {
            Outage.begin(product);
            product.run("ping").succeeds();
            assertThat(product.pids("app")).containsExactly(pid);
            int before = good.get();
            Product.eventually("still answers", good::get, count -> count > before + 10);
            asking.rethrow();
        }

        assertThat(bad).hasValue(0);
    }

    @Test
    void aNodeClusterIsStartedAnewInTheOldOnesPlace() throws Exception {
        int port = product.start("hello");
        List<Long> before = product.pids("hello");
        Path script = product.work().resolve("hello/app.js");
        var most = new AtomicInteger();

        try (var counting = new Repeating(() -> most.accumulateAndGet(atATime(script), Math::max))) {
            Outage.begin(product);
            product.run("ping").succeeds();
            Product.eventually("answers", () -> product.status(port, "/"), status -> status == 200);
            Product.eventually(
                    "both are new",
                    () -> product.pids("hello"),
                    pids -> pids.size() == 2 && pids.stream().noneMatch(before::contains));
            counting.rethrow();
        }

        assertThat(most).hasValue(2);
        assertThat(Processes.workers(product.home(), script))
                .containsExactlyInAnyOrderElementsOf(product.pids("hello"));
    }

    @Test
    void workersOnPrivatePortsServeAgainThroughTheEdge() throws Exception {
        product.app("python");
        int port = product.freePort();
        product.run("start", "python/app.py", "--name", "py", "--port", String.valueOf(port), "-i", "2")
                .succeeds();
        List<Long> before = product.pids("py");
        Product.eventually("both answer", () -> product.bodies(port, 20).size(), size -> size == 2);

        Outage.begin(product);
        assertThat(product.pids("py")).hasSize(2).isEqualTo(before);

        Product.eventually("answers", () -> product.status(port, "/"), status -> status == 200);
        Product.eventually("both answer", () -> product.bodies(port, 20).size(), size -> size == 2);
        product.run("reload", "py").succeeds();
        assertThat(product.pids("py")).hasSize(2).doesNotContainAnyElementsOf(before);
        Product.eventually("the new ones answer", () -> product.bodies(port, 20).size(), size -> size == 2);
    }

    @Test
    void everythingElseIsAsItWas() throws Exception {
        startLines("stopped");
        startLines("dies");
        startLines("goes-on");
        product.app("once");
        product.run("start", "once/app.py", "--name", "once", "--no-autorestart")
                .succeeds();
        Product.eventually("it has ended", () -> product.statuses("once"), List.of("stopped")::equals);
        product.app("crashes-at-boot");
        product.run(
                "start", "crashes-at-boot/app.js", "--name", "crash", "--max-restarts", "3", "--min-uptime", "30000");
        Product.eventually("errored", () -> product.statuses("crash"), statuses -> statuses.contains("errored"));
        product.run("restart", "goes-on").succeeds();
        product.run("stop", "stopped").succeeds();
        product.app("site");
        int port = product.freePort();
        product.run("serve", "site", String.valueOf(port)).succeeds();
        List<String> before = listed();

        long victim = onlyPid("dies");
        Outage.begin(product);
        ProcessHandle.of(victim).orElseThrow().destroyForcibly();
        product.run("ping").succeeds();

        Product.eventually("all is as before", this::listed, now -> now.equals(before));
        // It may be listed as it was for as long as its end is not seen.
        Product.eventually(
                "another in its place", () -> product.pids("dies"), pids -> pids.size() == 1 && !pids.contains(victim));
        Product.eventually("and all is as before", this::listed, now -> now.equals(before));
        assertThat(Files.readAllLines(product.work().resolve("runs"))).hasSize(1);
        assertThat(product.get(port, "/").statusCode()).isEqualTo(200);
    }

    @Test
    void aStrangerWithThePidOfAWorkerIsLeftAlone() throws Exception {
        Path script = startLines("lines");
        Process stranger = new ProcessBuilder("sleep", "60").start();
        try {
            Outage.begin(product);
            Path journal = product.home().resolve("journal/lines.json");
            Files.writeString(
                    journal,
                    Files.readString(journal)
                            .replaceFirst("\"identity\":\"\\d+:\\d+:", "\"identity\":\"" + stranger.pid() + ":1:"));
            product.run("ping").succeeds();

            Product.eventually("it runs", () -> product.pids("lines"), pids -> pids.size() == 1);
            assertThat(stranger.isAlive()).isTrue();
            assertThat(Processes.workers(product.home(), script))
                    .containsExactlyElementsOf(product.pids("lines"))
                    .doesNotContain(stranger.pid());
        } finally {
            stranger.destroyForcibly().waitFor();
        }
    }

    @Test
    void aDamagedJournalIsReplacedByTheVersionBeforeAndCostsNoOtherApp() throws Exception {
        startLines("whole");
        Path script = startLines("damaged");
        startLines("lost");
        long whole = onlyPid("whole");
        long lost = onlyPid("lost");

        Outage.begin(product);
        Path journal = product.home().resolve("journal");
        truncate(journal.resolve("damaged.json"));
        truncate(journal.resolve("lost.json"));
        truncate(journal.resolve("lost.json.bak"));
        Files.writeString(journal.resolve("whole.json.new"), "{\"spec\":{");
        Files.writeString(journal.resolve("%zz.json"), "nobody's");
        product.run("ping").succeeds();

        Product.eventually("it runs", () -> product.statuses("damaged"), statuses -> statuses.contains("online"));
        assertThat(Processes.workers(product.home(), script)).containsExactlyElementsOf(product.pids("damaged"));
        assertThat(product.pids("whole")).containsExactly(whole);
        assertThat(product.processes("lost")).isEmpty();
        assertThat(Outage.daemonLog(product))
                .contains("damaged.json is damaged", "damaged.json.bak is used instead")
                .contains("lost.json.bak is damaged", "the app is not known");
        ProcessHandle.of(lost).orElseThrow().destroyForcibly();
    }

    @Test
    void commandsAtTheSameTimeStartOneDaemon() throws Exception {
        startLines("lines");
        long pid = onlyPid("lines");

        Outage.begin(product);
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var commands = IntStream.range(0, 4)
                    .mapToObj(_ -> pool.submit(() -> product.run("jlist")))
                    .toList();
            for (var command : commands) {
                assertThat(command.get().succeeds().out()).contains("\"pid\":" + pid);
            }
        }

        // It answers a moment before it says so.
        Product.eventually("it has said so", () -> ups(), count -> count >= 2);
        assertThat(ups()).isEqualTo(2);
    }

    /// How many daemons there were.
    private int ups() throws Exception {
        return Outage.daemonLog(product).split("pm2j daemon is up", -1).length - 1;
    }

    /// How many of its workers there are at the end of the look: some may have ended while it went on, and others have
    /// come in their place.
    private int atATime(Path script) throws IOException {
        return (int) Processes.workers(product.home(), script).stream()
                .filter(pid -> !Outage.gone(pid))
                .count();
    }

    // --- steps ---------------------------------------------------------------------------------------------

    /// Starts an app that prints numbers; the answer is its script.
    private Path startLines(String name) throws Exception {
        Path folder = product.app("lines");
        Path own = Files.move(folder, folder.resolveSibling(name));
        product.run("start", name + "/app.py", "--name", name).succeeds();
        return own.resolve("app.py");
    }

    private List<String> logged(String name) throws IOException {
        Path log = product.home().resolve("logs/" + name + "-out.log");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    private void awaitLines(String name, int count) throws Exception {
        Product.eventually("lines are logged", () -> logged(name).size(), size -> size > count);
    }

    private long onlyPid(String name) throws Exception {
        List<Long> pids = product.pids(name);
        assertThat(pids).hasSize(1);
        return pids.getFirst();
    }

    private int restarts(String name) throws Exception {
        return product.processes(name)
                .getFirst()
                .path("pm2_env")
                .path("restart_time")
                .asInt();
    }

    /// What must not change: ids, names, states and counts. Whether an end that nobody saw counts is left open.
    private List<String> listed() throws Exception {
        var listed = new ArrayList<String>();
        for (JsonNode process : product.jlist()) {
            JsonNode env = process.path("pm2_env");
            String name = process.path("name").asText();
            listed.add(process.path("pm_id").asInt() + " "
                    + name + " "
                    + env.path("status").asText() + " "
                    + (name.equals("dies") ? "?" : env.path("restart_time").asInt()));
        }
        return listed;
    }

    private static void truncate(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    }

    /// Does something again and again, until it is closed.
    private static final class Repeating implements AutoCloseable {
        private final Thread thread;
        private volatile boolean enough;
        private final AtomicReference<Exception> failure = new AtomicReference<>();

        Repeating(Callable<?> deed) {
            thread = Thread.ofVirtual().start(() -> {
                try {
                    while (!enough) {
                        deed.call();
                        Thread.sleep(1);
                    }
                } catch (Exception e) {
                    failure.set(e);
                }
            });
        }

        void rethrow() throws Exception {
            if (failure.get() != null) {
                throw failure.get();
            }
        }

        @Override
        public void close() {
            enough = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
