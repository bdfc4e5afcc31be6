package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.bench.load.LoadReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Nothing that reaches the edge is lost while an app is deployed, scaled, held or taken back. The numbers are those of
/// docs/zero-downtime.md.
class ZeroDowntimeIT {
    @RegisterExtension
    final Product product = Product.asShipped();

    /// New workers start all the time meanwhile, and take processors from those that serve.
    private static final long WHAT_STARTING_TAKES_MICROS = 1_000_000;

    /// Longer than new workers and commands take on a busy machine.
    private static final String LONG_HOLD = "hold_timeout: 120000";

    private Path ledgers = Path.of("");

    /// Starts the app `mixed` with what `attributes` add; its port.
    private int startMixed(int instances, String attributes) throws Exception {
        product.app("mixed");
        ledgers = Files.createDirectories(product.work().resolve("ledgers"));
        int port = product.freePort();
        product.ecosystem(("name: 'mixed', script: 'mixed/app.js', instances: %d, exec_mode: 'cluster', "
                        + "max_restarts: 1000, env: { PORT: %d, LEDGER_DIR: '%s', KEEP_ALIVE_MS: 2000 }%s")
                .formatted(instances, port, ledgers, attributes.isEmpty() ? "" : ", " + attributes));
        product.run("start", "ecosystem.config.js").succeeds();
        product.answers(port);
        return port;
    }

    @Test
    void z1ReloadsBackToBackLoseNothingAndDoNothingTwice() throws Exception {
        int port = startMixed(2, "stream_drain: 0");
        AtomicInteger reloads = new AtomicInteger();
        LoadReport steady = Crossing.at(port).during(() -> {});

        LoadReport report = Crossing.at(port).whileRepeating(() -> {
            product.run("reload", "mixed", "--force").succeeds();
            reloads.incrementAndGet();
        });

        Crossing.assertNothingFailed(report);
        Crossing.assertDoneOnce(ledgers, report);
        assertThat(reloads.get()).isPositive();
        assertThat(report.p99Micros())
                .as("beside %s%s", steady.summary(), report.summary())
                .isLessThan(3 * steady.p99Micros() + WHAT_STARTING_TAKES_MICROS);
    }

    @Test
    void z2ASingleInstanceIsReloadedWithoutLoss() throws Exception {
        int port = startMixed(1, "");

        LoadReport report = Crossing.at(port)
                .whileRepeating(() -> product.run("reload", "mixed").succeeds());

        Crossing.assertNothingFailed(report);
        Crossing.assertDoneOnce(ledgers, report);
    }

    @Test
    void z2ASinglePythonInstanceThatIsSlowToStartIsReloadedWithoutLoss() throws Exception {
        int port = startPython("", "kill_timeout: 2000");

        LoadReport report = Crossing.at(port)
                .withoutPosts()
                .atMost(100)
                .during(() -> product.run("reload", "py").succeeds());

        Crossing.assertNothingFailed(report);
    }

    @Test
    void z3AnExclusiveAppsRequestsWaitUntilItsSuccessorIsReady() throws Exception {
        long since = System.nanoTime();
        int port = startPython(", LOCK: '" + product.work().resolve("lock") + "'", "exclusive: true");
        long startMicros = (System.nanoTime() - since) / 1_000;
        List<Long> before = product.pids("py");

        LoadReport report = Crossing.at(port)
                .withoutPosts()
                .atMost(100)
                .during(() -> product.run("reload", "py").succeeds());

        Crossing.assertNothingFailed(report);
        assertThat(product.pids("py")).doesNotContainAnyElementsOf(before);
        assertThat(report.p999Micros())
                .as("somebody waited, and nobody for much longer than the app takes to start")
                .isBetween(2_000_000L, 2 * startMicros + 2_000_000);
    }

    /// A Python app behind the edge that takes three seconds to start.
    private int startPython(String env, String attributes) throws Exception {
        product.app("exclusive");
        int port = product.freePort();
        product.ecosystem(("name: 'py', script: 'exclusive/app.py', interpreter: 'python3', port: %d, instances: 1, "
                        + "listen_timeout: 60000, env: { BOOT: 3%s }, %s")
                .formatted(port, env, attributes));
        product.run("start", "ecosystem.config.js").succeeds();
        product.answers(port);
        return port;
    }

    @Test
    void z4ABadNewVersionNeverGetsARequestThatFails() throws Exception {
        int port = startMixed(2, "warmup: '/', listen_timeout: 8000");
        List<Long> before = product.pids("mixed");
        List<Ran> refused = new ArrayList<>();

        LoadReport report = Crossing.at(port).during(() -> {
            for (String fault : List.of("exit", "never-ready", "broken")) {
                refused.add(product.with("FAULT", fault)
                        .run("reload", "mixed", "--update-env")
                        .fails());
            }
        });

        Crossing.assertNothingFailed(report);
        assertThat(refused.get(0).all()).contains("exit code 3", "no database");
        assertThat(refused.get(1).all()).contains("not ready within 8000 ms");
        assertThat(refused.get(2).all()).contains("asked for / (warmup) it gave 500");
        assertThat(product.pids("mixed")).as("the old ones serve").isEqualTo(before);
        assertThat(product.get(port, "/").body()).contains(" v1 ");
    }

    @Test
    void z4AVersionThatCrashesAfterItWasReadyIsTakenBack() throws Exception {
        int port = startMixed(2, "bake: '5s'");

        LoadReport report = Crossing.at(port)
                .during(() -> product.with("FAULT", "crash")
                        .run("reload", "mixed", "--update-env")
                        .fails());

        assertThat(report.failures())
                .as(report.summary())
                .allMatch(Crossing::isPostUnderWay, "a POST that the crashing worker had");
        Crossing.assertDoneOnce(ledgers, report);
        Product.eventually("both serve", () -> product.statuses("mixed"), List.of("online", "online")::equals);
        assertThat(product.get(port, "/").body()).contains(" v1 ");
    }

    /// What the kernel does to a worker when memory runs out is SIGKILL: Z5, Z6.
    @Test
    void z8AWorkerThatOutgrowsItsMemoryIsReplacedWithoutLoss() throws Exception {
        int port = startMixed(1, "max_memory_restart: '250M'");
        long before = product.pids("mixed").getFirst();

        LoadReport report = Crossing.at(port).during(() -> {
            for (int i = 0; i < 13; i++) {
                assertThat(product.status(port, "/leak")).isEqualTo(200);
            }
            Product.eventually(
                    "another serves", () -> product.pids("mixed"), pids -> pids.size() == 1 && !pids.contains(before));
        });

        Crossing.assertNothingFailed(report);
        Crossing.assertDoneOnce(ledgers, report);
    }

    @Test
    void z9WithAllWorkersDeadRequestsWaitForTheNextOnes() throws Exception {
        int port = startMixed(2, LONG_HOLD);

        LoadReport report = Crossing.at(port).withoutPosts().during(() -> {
            Set<Long> dead = new HashSet<>(product.pids("mixed"));
            dead.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
            Product.eventually(
                    "two new ones",
                    () -> product.pids("mixed"),
                    pids -> pids.size() == 2 && pids.stream().noneMatch(dead::contains));
        });

        Crossing.assertNothingFailed(report);
    }

    @Test
    void z28ScalingUpAndDownLosesNothing() throws Exception {
        int port = startMixed(2, "");

        LoadReport report = Crossing.at(port).whileRepeating(() -> {
            product.run("scale", "mixed", "4").succeeds();
            product.run("scale", "mixed", "1").succeeds();
        });

        Crossing.assertNothingFailed(report);
        Crossing.assertDoneOnce(ledgers, report);
    }

    @Test
    void z30RollbackToAnEarlierGenerationLosesNothing() throws Exception {
        int port = startMixed(2, "");

        LoadReport report = Crossing.at(port).during(() -> {
            product.with("VERSION", "2").run("reload", "mixed", "--update-env").succeeds();
            product.with("VERSION", "3").run("reload", "mixed", "--update-env").succeeds();
            product.run("rollback", "mixed").succeeds();
            assertThat(product.get(port, "/").body()).contains(" v2 ");
            product.run("rollback", "1", "mixed").succeeds();
        });

        assertThat(product.get(port, "/").body()).contains(" v1 ");
        Crossing.assertNothingFailed(report);
        Crossing.assertDoneOnce(ledgers, report);
    }

    @Test
    void z31WhatWaitsForAPausedAppIsAnsweredAfterItsResume() throws Exception {
        int port = startMixed(2, LONG_HOLD);

        LoadReport report = Crossing.at(port).atMost(100).during(() -> {
            product.run("pause", "mixed").succeeds();
            product.run("reload", "mixed").succeeds();
            product.run("resume", "mixed").succeeds();
        });

        Crossing.assertNothingFailed(report);
        Crossing.assertDoneOnce(ledgers, report);
        assertThat(report.p99Micros()).as("somebody waited").isGreaterThan(500_000);
    }
}
