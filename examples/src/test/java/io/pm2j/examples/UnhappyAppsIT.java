package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Apps that misbehave, and what is left of the service.
class UnhappyAppsIT {
    @RegisterExtension
    final Product product = new Product();

    @Test
    void aNewVersionThatNeverGetsReadyIsTakenBack() throws Exception {
        // Long enough for the new one to come as far as its complaint.
        int port = product.start("never-ready", "--listen-timeout", "8000");
        product.bothAnswer(port);
        List<Long> before = product.pids("never-ready");
        Files.createFile(product.work().resolve("never-ready/BROKEN"));

        Ran reload = product.run("reload", "never-ready").fails();

        assertThat(reload.all()).contains("waiting for a database that is not there");
        assertThat(product.pids("never-ready")).isEqualTo(before);
        assertThat(product.status(port, "/")).isEqualTo(200);
    }

    @Test
    void aKilledWorkerIsReplaced() throws Exception {
        int port = product.start("hello");
        long victim = product.pids("hello").getFirst();

        ProcessHandle.of(victim).orElseThrow().destroyForcibly();

        Product.eventually(
                "two workers, not the killed one",
                () -> product.pids("hello"),
                pids -> pids.size() == 2 && !pids.contains(victim));
        Product.eventually("both answer", () -> product.bodies(port, 20).size(), size -> size == 2);
    }

    @Test
    void anAppThatCrashesAtBootEndsErrored() throws Exception {
        product.app("crashes-at-boot");

        product.run(
                "start", "crashes-at-boot/app.js", "--name", "crash", "--max-restarts", "3", "--min-uptime", "30000");

        Product.eventually("errored", () -> product.statuses("crash"), statuses -> statuses.contains("errored"));
        Ran logs = product.run("logs", "crash", "--nostream", "--lines", "50").succeeds();
        assertThat(logs.all()).contains("no configuration");
    }

    @Test
    void theListenerOfAClusterGoesWithItsLastWorker() throws Exception {
        int port = product.start("crashes-on-third-request", "--max-restarts", "2", "--min-uptime", "10000");

        Product.eventually(
                "errored",
                () -> statusesAfterGet(port),
                statuses -> statuses.stream().allMatch("errored"::equals));

        assertThat(Product.listens(port)).isFalse();
        product.run("restart", "crashes-on-third-request").succeeds();
        product.answers(port);
    }

    private List<String> statusesAfterGet(int port) throws Exception {
        product.status(port, "/");
        return product.statuses("crashes-on-third-request");
    }

    @Test
    void anAppThatIgnoresTheSignalIsKilledInTime() throws Exception {
        product.start("ignores-sigint", "--kill-timeout", "500");
        List<Long> before = product.pids("ignores-sigint");

        product.run("stop", "ignores-sigint").succeeds();

        assertThat(before).noneMatch(pid -> ProcessHandle.of(pid).isPresent());
    }

    @Test
    void answersUnderWayAreFinishedBeforeTheOldWorkerStops() throws Exception {
        int port = product.start("slow-answer");
        try (var pool = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = java.util.stream.IntStream.range(0, 8)
                    .mapToObj(i -> pool.submit(() -> product.status(port, "/")))
                    .toList();

            product.run("reload", "slow-answer").succeeds();

            for (var answer : answers) {
                assertThat(answer.get()).isEqualTo(200);
            }
        }
    }
}
