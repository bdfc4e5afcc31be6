package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// When an app is started again, and when it is not.
class RestartIT {
    @RegisterExtension
    final Product product = new Product();

    @Test
    void aCrashLoopThatBeginsLateEndsErrored() throws Exception {
        int port = startFork("reads-at-start", "--min-uptime", "4000", "--max-restarts", "2");
        Product.eventually(
                "it has run for longer than all unstable runs together may take",
                () -> System.currentTimeMillis() - uptimeStart("reads-at-start"),
                millis -> millis > 8_200);

        Files.delete(product.work().resolve("reads-at-start/content.txt"));
        kill(product.pids("reads-at-start").getFirst());

        awaitStatuses("reads-at-start", "errored");
        assertThat(Product.listens(port)).isFalse();
    }

    @Test
    void theCodeOfAnEndBySignalIsTheShells() throws Exception {
        startFork("reads-at-start", "--no-autorestart");

        kill(product.pids("reads-at-start").getFirst());

        awaitStatuses("reads-at-start", "stopped");
        assertThat(product.numbers("reads-at-start", "exit_code")).containsExactly(137);
    }

    @Test
    void theBackOffGrows() throws Exception {
        crashLoop("--exp-backoff-restart-delay", "300");

        List<Long> pauses = pausesBetweenBoots(4);

        assertThat(pauses.get(0)).isGreaterThanOrEqualTo(300);
        assertThat(pauses.get(1)).isGreaterThanOrEqualTo(450);
        assertThat(pauses.get(2)).isGreaterThanOrEqualTo(675);
    }

    @Test
    void restartDelayIsTheSameEachTime() throws Exception {
        crashLoop("--restart-delay", "400");

        List<Long> pauses = pausesBetweenBoots(3);

        // Beside the pause there is what a boot takes.
        assertThat(pauses).allMatch(millis -> millis >= 400 && millis < 20_000);
    }

    @Test
    void anEndThatIsMeantIsNotARestart() throws Exception {
        product.app("exits-with-code");
        product.ecosystem(
                "name: 'final', script: 'exits-with-code/app.js', env: { CODE: 42 }, stop_exit_codes: [0, 42]",
                "name: 'once', script: 'exits-with-code/app.js', env: { CODE: 7 }, autorestart: false",
                "name: 'again', script: 'exits-with-code/app.js', env: { CODE: 41 }, stop_exit_codes: [0, 42]");

        product.run("start", "ecosystem.config.js");

        Product.eventually("again", () -> product.numbers("again", "restart_time"), n -> n.getFirst() > 2);
        awaitStatuses("final", "stopped");
        awaitStatuses("once", "stopped");
        assertThat(product.numbers("final", "exit_code")).containsExactly(42);
        assertThat(product.numbers("once", "exit_code")).containsExactly(7);
        assertThat(product.numbers("final", "restart_time")).containsExactly(0);
        assertThat(product.numbers("once", "restart_time")).containsExactly(0);
    }

    @Test
    void aClusterOfWorkersThatCrashKeepsItsListener() throws Exception {
        int port = product.start("crashes-on-third-request", "--max-restarts", "1000");

        Set<String> answers = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            // A refused connection would throw.
            answers.add(SmallLoad.ask(port, "/").substring(0, 12));
        }

        // One that boots for long, or is seen to end late, has its turn a little later.
        Product.eventually(
                "both have crashed",
                () -> {
                    answers.add(SmallLoad.ask(port, "/").substring(0, 12));
                    return product.numbers("crashes-on-third-request", "restart_time");
                },
                counts -> counts.stream().allMatch(restarts -> restarts > 0));
        assertThat(answers).contains("HTTP/1.1 200").isSubsetOf("HTTP/1.1 200", "HTTP/1.1 502");
    }

    @Test
    void anAppThatIsSlowToGetReadyIsReloadedWithoutAGap() throws Exception {
        product.with("READY_AFTER", 800);
        int port = product.start("slow-ready", "--wait-ready");
        List<Long> before = product.pids("slow-ready");

        try (var load = SmallLoad.on(port)) {
            product.run("reload", "slow-ready").succeeds();
            assertThat(load.failures()).as(load.sent() + " requests").isEmpty();
            assertThat(load.sent()).isPositive();
        }
        assertThat(product.pids("slow-ready")).hasSize(2).doesNotContainAnyElementsOf(before);
    }

    @Test
    void cronReplacesAClusterWithoutAGapAndStartsNothingThatIsStopped() throws Exception {
        product.app("hello");
        int port = product.freePort();
        product.ecosystem(
                "name: 'web', script: 'hello/app.js', instances: 2, env: { PORT: %d }, cron_restart: '*/2 * * * * *'"
                        .formatted(port),
                "name: 'off', script: 'hello/app.js', env: { PORT: %d }, cron_restart: '*/2 * * * * *'"
                        .formatted(product.freePort()));
        product.run("start", "ecosystem.config.js").succeeds();
        product.answers(port);
        product.run("stop", "off").succeeds();
        List<Integer> restartsOfStopped = product.numbers("off", "restart_time");

        try (var load = SmallLoad.on(port)) {
            Product.eventually(
                    "both were replaced, one of them twice",
                    () -> product.numbers("web", "restart_time"),
                    n -> n.stream().allMatch(r -> r >= 1) && n.stream().anyMatch(r -> r >= 2));
            assertThat(load.failures()).as(load.sent() + " requests").isEmpty();
        }
        assertThat(product.statuses("off")).containsExactly("stopped");
        assertThat(product.numbers("off", "restart_time")).isEqualTo(restartsOfStopped);
        describes("web", "cron");
    }

    @Test
    void aWorkerThatUsesTooMuchMemoryIsReplacedWithoutAGap() throws Exception {
        int port = product.start("leaks-memory", "--max-memory-restart", "150M");
        List<Long> before = product.pids("leaks-memory");

        try (var load = SmallLoad.on(port)) {
            Product.eventually(
                    "both are replaced",
                    () -> {
                        for (int i = 0; i < 4; i++) {
                            assertThat(product.status(port, "/leak")).isEqualTo(200);
                        }
                        return product.pids("leaks-memory");
                    },
                    pids -> pids.size() == 2 && pids.stream().noneMatch(before::contains));
            assertThat(load.failures()).as(load.sent() + " requests").isEmpty();
        }
        describes("leaks-memory", "memory");
    }

    @Test
    void theMemoryOfAWorkersChildrenCountsToo() throws Exception {
        product.with("MEGABYTES", 300);
        startFork("forks-a-child", "--max-memory-restart", "250M");
        long before = product.pids("forks-a-child").getFirst();

        Product.eventually(
                "replaced", () -> product.pids("forks-a-child"), pids -> !pids.isEmpty() && !pids.contains(before));

        describes("forks-a-child", "memory");
    }

    @Test
    void aChangedFileRestartsAndAnIgnoredOneDoesNot() throws Exception {
        product.app("reads-at-start");
        int port = product.freePort();
        product.ecosystem(
                "name: 'web', cwd: 'reads-at-start', script: 'app.js', watch: true, watch_delay: 1000, ignore_watch: ['*.tmp', 'cache'],"
                        + " env: { PORT: %d }".formatted(port));
        product.run("start", "ecosystem.config.js").succeeds();
        product.answers(port);
        assertThat(product.json(port).path("content").asText()).isEqualTo("first");

        product.write("reads-at-start/one.tmp", "1");
        product.write("reads-at-start/cache/two.txt", "2");
        product.write("reads-at-start/content.txt", "second");

        Product.eventually("the new content", () -> content(port), "second"::equals);
        assertThat(product.numbers("web", "restart_time")).containsExactly(1);
        assertThat(describes("web", "content.txt")).doesNotContain("one.tmp");

        product.run("stop", "web").succeeds();
        product.write("reads-at-start/content.txt", "third");
        product.write("reads-at-start/content.txt", "fourth");
        assertThat(product.statuses("web")).containsExactly("stopped");
        product.run("start", "web").succeeds();
        product.answers(port);
        assertThat(content(port)).isEqualTo("fourth");
        assertThat(product.numbers("web", "restart_time"))
                .as("none by what changed meanwhile")
                .allMatch(n -> n <= 2);
    }

    @Test
    void anAppThatIsNotToStartYetIsListedAndStartsByName() throws Exception {
        product.app("hello");
        int port = product.freePort();
        product.ecosystem("name: 'later', script: 'hello/app.js', instances: 2, autostart: false, env: { PORT: %d }"
                .formatted(port));

        product.run("start", "ecosystem.config.js").succeeds();
        assertThat(product.statuses("later")).containsExactly("stopped", "stopped");
        assertThat(Product.listens(port)).isFalse();
        product.run("start", "later").succeeds();

        assertThat(product.statuses("later")).containsExactly("online", "online");
        product.answers(port);
    }

    /// Why it was restarted is told when the restart is over, a moment after the new one is there.
    private String describes(String name, String why) throws Exception {
        return Product.eventually(
                "restarted for " + why,
                () -> product.run("describe", name).succeeds().out(),
                out -> out.contains(why));
    }

    private int startFork(String situation, String... more) throws Exception {
        return product.start(
                situation,
                Stream.concat(Stream.of("-i", "1", "-x"), Stream.of(more)).toArray(String[]::new));
    }

    /// reads-at-start without what it reads.
    private void crashLoop(String... options) throws Exception {
        Files.delete(product.app("reads-at-start").resolve("content.txt"));
        var arguments = new ArrayList<>(List.of("start", "reads-at-start/app.js", "--name", "loop"));
        arguments.addAll(List.of(options));
        product.run(arguments.toArray(String[]::new));
        awaitStatuses("loop", "waiting restart");
    }

    private List<Long> pausesBetweenBoots(int boots) throws Exception {
        List<Long> at = Product.eventually("boots", this::boots, seen -> seen.size() >= boots);
        var pauses = new ArrayList<Long>();
        for (int i = 1; i < boots; i++) {
            pauses.add(at.get(i) - at.get(i - 1));
        }
        return pauses;
    }

    private List<Long> boots() throws IOException {
        return product.log("loop-out.log")
                .lines()
                .map(line -> Long.valueOf(line.substring("booted ".length())))
                .toList();
    }

    private String content(int port) throws InterruptedException {
        try {
            return product.json(port).path("content").asText();
        } catch (IOException e) {
            return "";
        }
    }

    private long uptimeStart(String name) throws Exception {
        return product.processes(name)
                .getFirst()
                .path("pm2_env")
                .path("pm_uptime")
                .asLong();
    }

    private void awaitStatuses(String name, String status) throws Exception {
        Product.eventually(name + " is " + status, () -> product.statuses(name), List.of(status)::equals);
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }
}
