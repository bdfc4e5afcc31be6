package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.bench.load.Failure;
import io.pm2j.bench.load.Ledger;
import io.pm2j.bench.load.LoadPlan;
import io.pm2j.bench.load.LoadReport;
import io.pm2j.bench.load.LoadSource;
import io.pm2j.bench.load.Pace;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/// Open-loop traffic during which something happens; no request's fate is left out.
///
/// A fifth are POSTs with bodies of up to 256 KiB, with a length or chunked, written into a ledger by the workers; a
/// fifth come on connections of their own, the others rest now and then for longer than the workers keep idle
/// connections. The short form is at least `pm2j.zero.requests` (1 200) requests at `pm2j.zero.rate` (300) a second.
final class Crossing {
    private static final int REQUESTS = Integer.getInteger("pm2j.zero.requests", 1_200);
    private static final int RATE = Integer.getInteger("pm2j.zero.rate", 300);
    private static final int BODY_BYTES = 256 * 1024;

    /// What happens meanwhile.
    @FunctionalInterface
    interface Event {
        void happen() throws Exception;
    }

    private final int port;
    private int posts = 20;
    private int rate = RATE;
    private int slowReaders = 1;

    private Crossing(int port) {
        this.port = port;
    }

    static Crossing at(int port) {
        return new Crossing(port);
    }

    /// GETs alone: all of them may be repeated, so none may fail whatever dies.
    Crossing withoutPosts() {
        posts = 0;
        slowReaders = 0;
        return this;
    }

    Crossing atMost(int perSecond) {
        rate = Math.min(rate, perSecond);
        return this;
    }

    /// Does `event` over and over until there were enough requests; once at least.
    LoadReport whileRepeating(Event event) throws Exception {
        var load = new Object() {
            int times;
        };
        return run(going -> {
            while (going.get() || load.times == 0) {
                event.happen();
                load.times++;
            }
        });
    }

    LoadReport during(Event event) throws Exception {
        return run(_ -> event.happen());
    }

    /// What must hold for every answer in a ledger of POSTs.
    static void assertDoneOnce(Path ledgers, LoadReport report) throws Exception {
        Ledger.Verdict verdict = Ledger.check(ledgers, report);
        assertThat(verdict.duplicated()).as(verdict.summary()).isEmpty();
        assertThat(verdict.missing()).as(verdict.summary()).isEmpty();
    }

    static void assertNothingFailed(LoadReport report) {
        assertThat(report.failures()).as(report.summary()).isEmpty();
        assertThat(report.ok()).as("requests that crossed").isGreaterThanOrEqualTo(1_000);
    }

    static boolean isPostUnderWay(Failure failure) {
        return failure.post() && failure.status() == 502;
    }

    @FunctionalInterface
    private interface Script {
        /// `going` is true until there were enough requests.
        void play(AtomicBoolean going) throws Exception;
    }

    private LoadReport run(Script script) throws Exception {
        var plan = LoadPlan.of(URI.create("http://127.0.0.1:" + port + "/"), REQUESTS, new Pace.OpenLoop(rate))
                .withShares(posts, 20)
                .withMix(BODY_BYTES, Duration.ofSeconds(4))
                .withEcho()
                .withTimeout(Duration.ofSeconds(60))
                .withSlowReaders(slowReaders, "/big");
        AtomicBoolean happens = new AtomicBoolean(true);
        AtomicBoolean going = new AtomicBoolean(true);
        long least =
                System.nanoTime() + Duration.ofMillis(REQUESTS * 1_000L / rate).toNanos();
        try (var pool = Executors.newSingleThreadExecutor()) {
            Future<LoadReport> load = pool.submit(() -> LoadSource.run(plan, () -> {
                if (System.nanoTime() > least) {
                    going.set(false);
                }
                return happens.get();
            }));
            try {
                script.play(going);
            } finally {
                happens.set(false);
            }
            return load.get();
        }
    }
}
