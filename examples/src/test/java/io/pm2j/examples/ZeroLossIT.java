package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.bench.load.Failure;
import io.pm2j.bench.load.Ledger;
import io.pm2j.bench.load.LoadPlan;
import io.pm2j.bench.load.LoadReport;
import io.pm2j.bench.load.LoadSource;
import io.pm2j.bench.load.Pace;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Nothing is lost and nothing is done twice while workers come and go under load.
class ZeroLossIT {
    @RegisterExtension
    final Product product = Product.asShipped();

    /// The long form is `-Dpm2j.load.requests=100000`.
    private static final long REQUESTS = Long.getLong("pm2j.load.requests", 30_000);
    private static final int WORKERS = 4;
    private static final int SLOW_READERS = 2;
    /// In open loop what is too much for a slow machine gathers until it is given up.
    private static final int RATE = Integer.getInteger("pm2j.load.rate", 1_000);

    @FunctionalInterface
    private interface Disturbance {
        void happen() throws Exception;
    }

    @Test
    void aReloadEverySecondLosesNothing() throws Exception {
        LoadReport report =
                loadWhile(SLOW_READERS, () -> product.run("reload", "ledger").succeeds());

        assertThat(report.failures()).as(report.summary()).isEmpty();
        assertThat(report.sent()).isEqualTo(REQUESTS);
    }

    @Test
    void aKilledWorkerEverySecondCostsOnlyPostsUnderWay() throws Exception {
        // Without slow readers: an answer of a megabyte that has begun can only be cut off, and visibly so.
        LoadReport report = loadWhile(0, this::killOne);

        assertThat(report.failures()).as(report.summary()).allMatch(ZeroLossIT::isPostRefusedWith502);
    }

    private static boolean isPostRefusedWith502(Failure failure) {
        return failure.post() && failure.status() == 502;
    }

    private void killOne() throws Exception {
        var pids = product.pids("ledger");
        if (pids.size() == WORKERS) {
            ProcessHandle.of(pids.getFirst()).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    private LoadReport loadWhile(int slowReaders, Disturbance disturbance) throws Exception {
        Path ledger = Files.createDirectory(product.work().resolve("ledgers"));
        int port = product.with("LEDGER_DIR", ledger)
                .start("ledger", "-i", String.valueOf(WORKERS), "--max-restarts", "1000");
        var plan = LoadPlan.of(URI.create("http://127.0.0.1:" + port + "/"), REQUESTS, new Pace.OpenLoop(RATE))
                .withShares(20, 20)
                .withEcho()
                .withTimeout(Duration.ofSeconds(60))
                .withSlowReaders(slowReaders, "/big");
        try (var pool = Executors.newSingleThreadExecutor()) {
            Future<LoadReport> load = pool.submit(() -> LoadSource.run(plan));
            int disturbances = 0;
            while (!load.isDone()) {
                disturbance.happen();
                disturbances++;
                Thread.sleep(1000);
            }
            LoadReport report = load.get();
            Ledger.Verdict verdict = Ledger.check(ledger, report);
            assertThat(disturbances).as("disturbances").isGreaterThan(1);
            assertThat(verdict.duplicated()).as(verdict.summary()).isEmpty();
            assertThat(verdict.missing()).as(verdict.summary()).isEmpty();
            return report;
        }
    }
}
