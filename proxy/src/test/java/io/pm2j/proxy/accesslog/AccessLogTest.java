package io.pm2j.proxy.accesslog;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.pm2j.config.spec.LogRotation;
import io.pm2j.config.spec.edge.AccessLogSpec;
import io.pm2j.config.spec.edge.AccessLogSpec.Field;
import io.pm2j.config.spec.edge.AccessLogSpec.Format;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AccessLogTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final byte[] PATH = "/a/path?with=no&query".getBytes(StandardCharsets.US_ASCII);

    private final List<ScheduledExecutorService> loops =
            List.of(Executors.newSingleThreadScheduledExecutor(), Executors.newSingleThreadScheduledExecutor());
    private final CollectingSink sink = new CollectingSink();

    @AfterEach
    void endLoops() {
        sink.opens();
        loops.forEach(ScheduledExecutorService::shutdownNow);
    }

    @Test
    void aSingleLineIsWrittenSoon() throws Exception {
        AccessLog log = log(LONG);

        on(0, () -> say(log, 0, 1));

        await(() -> !sink.lines().isEmpty());
        assertThat(sink.lines()).containsExactly("{\"path\":\"/a/path?with=no&query\",\"status\":1}");
    }

    @Test
    void allLoopsWriteWholeLinesInTheirOrder() throws Exception {
        AccessLog log = log(LONG);
        CountDownLatch done = new CountDownLatch(2);
        for (int i = 0; i < 2; i++) {
            int loop = i;
            loops.get(loop).execute(() -> {
                for (int n = 0; n < 20_000; n++) {
                    say(log, loop, loop * 100_000 + n);
                    while (log.on(loop).behind()) {
                        Thread.onSpinWait();
                    }
                }
                done.countDown();
            });
        }
        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();

        log.close();

        assertThat(statuses().filter(n -> n < 100_000)).containsExactlyElementsOf(upTo(0, 20_000));
        assertThat(statuses().filter(n -> n >= 100_000)).containsExactlyElementsOf(upTo(100_000, 20_000));
        assertThat(log.lost()).isZero();
        assertThat(sink.closed.getCount()).isZero();
    }

    @Test
    void aSlowFileSlowsReadersDownAndLosesNothing() throws Exception {
        AccessLog log = log(LONG);
        sink.takes(20_000_000);
        Reader reader = new Reader(log, 15_000);

        loops.get(0).execute(reader);

        assertThat(reader.done.await(60, TimeUnit.SECONDS)).isTrue();
        log.close();
        assertThat(reader.paused).isPositive();
        assertThat(log.lost()).isZero();
        assertThat(statuses()).containsExactlyElementsOf(upTo(0, 15_000));
    }

    @Test
    void aStuckFileStopsNobodyForLongAndSaysWhatIsMissing() throws Exception {
        AccessLog log = log(Duration.ofMillis(300));
        sink.shut();
        Reader reader = new Reader(log, 150_000);

        loops.get(0).execute(reader);

        assertThat(reader.done.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(reader.paused).isPositive();
        long lost = log.lost();
        assertThat(lost).isPositive();
        sink.opens();
        await(() -> sink.lines().stream().anyMatch(line -> line.contains("\"lost\":")));
        log.close();
        assertThat(statuses().count()).isEqualTo(150_000 - lost);
        assertThat(sink.lines().stream()
                        .filter(line -> line.contains("\"lost\":"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll(".*\"lost\":(\\d+)}", "$1")))
                        .sum())
                .isEqualTo(lost);
    }

    /// A bug or a full heap in the writer must not leave connections waiting for ever.
    @Test
    void aWriterThatHasDiedStopsNobody() throws Exception {
        AccessLog log = log(LONG);
        sink.dies();
        Reader reader = new Reader(log, 150_000);

        loops.get(0).execute(reader);

        assertThat(reader.done.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(log.lost()).isPositive();
    }

    @Test
    void requestsUnderWayHaveRoomThoughTheLoopIsBehind() throws Exception {
        AccessLog log = log(LONG);
        sink.shut();

        int late = on(0, () -> {
            while (!log.on(0).behind()) {
                say(log, 0, 7);
            }
            for (int n = 0; n < 10_000; n++) {
                say(log, 0, 8);
            }
            return 10_000;
        });

        sink.opens();
        log.close();
        assertThat(log.lost()).isZero();
        assertThat(statuses().filter(n -> n == 8).count()).isEqualTo(late);
    }

    @Test
    void aFullDiskLosesLinesAndTellsHowMany() throws Exception {
        AccessLog log = log(LONG);
        sink.full(true);
        on(0, () -> say(log, 0, 1));
        on(0, () -> say(log, 0, 2));
        await(() -> log.lost() == 2);

        sink.full(false);
        on(0, () -> say(log, 0, 3));
        log.close();

        assertThat(sink.lines()).hasSize(2);
        assertThat(sink.lines().getFirst()).contains("\"lost\":2}");
        assertThat(sink.lines().getLast()).contains("\"status\":3}");
    }

    @Test
    void closingWritesWhatIsThereAndLaterLinesCountAsLost() throws Exception {
        AccessLog log = log(LONG);
        on(0, () -> say(log, 0, 1));

        log.close();

        assertThat(sink.lines()).hasSize(1);
        on(0, () -> say(log, 0, 2));
        assertThat(log.lost()).isEqualTo(1);
    }

    @Test
    void closingDoesNotWaitForAStuckFileForEver() throws Exception {
        AccessLog log = log(LONG);
        sink.shut();
        on(0, () -> say(log, 0, 1));

        long start = System.nanoTime();
        log.close();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
        assertThat(sink.closed.getCount()).isOne();
    }

    @Test
    void aRetiredLogEndsWithItsLastRequest() throws Exception {
        AccessLog log = log(LONG);
        AccessRecord underWay = on(0, () -> log.on(0).begin());

        log.retire();
        // Both loops have been told.
        on(0, () -> 0);
        on(1, () -> 0);
        assertThat(sink.closed.getCount()).isOne();
        on(0, () -> underWay.status(5).end());

        assertThat(sink.closed.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(sink.lines()).containsExactly("{\"path\":null,\"status\":5}");
    }

    @Test
    void aDroppedRecordHasNoLineAndASecondEndDoesNothing() throws Exception {
        AccessLog log = log(LONG);

        on(0, () -> {
            log.on(0).begin().drop();
            AccessRecord record = log.on(0).begin().status(9);
            record.end();
            return record.end();
        });
        log.close();

        assertThat(sink.lines()).containsExactly("{\"path\":null,\"status\":9}");
    }

    /// A scheduled tick and a queue's node now and then are all there is: far less than a byte a
    /// line.
    @Test
    void aLineAllocatesNothing() throws Exception {
        AccessLog log = log(LONG);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int lines = 50_000;

        long allocated = on(0, () -> {
            sink.shut();
            while (!log.on(0).behind()) {
                say(log, 0, 0);
            }
            sink.opens();
            sayMany(log, lines);
            long id = Thread.currentThread().threadId();
            long before = threads.getThreadAllocatedBytes(id);
            sayMany(log, lines);
            return threads.getThreadAllocatedBytes(id) - before;
        });

        log.close();
        assertThat(allocated).isLessThan(lines / 4);
    }

    private static void sayMany(AccessLog log, int lines) {
        for (int n = 0; n < lines; n++) {
            say(log, 0, n);
            while (log.on(0).behind()) {
                Thread.onSpinWait();
            }
        }
    }

    private static long say(AccessLog log, int loop, int number) {
        return log.on(loop).begin().text(Field.PATH, PATH).status(number).end();
    }

    private AccessLog log(Duration patience) {
        Format format = new Format.Fields(List.of(Field.PATH, Field.STATUS));
        return AccessLog.open(new AccessLogSpec(Optional.empty(), format, LogRotation.DEFAULT), sink, loops, patience);
    }

    private Stream<Integer> statuses() {
        return sink.lines().stream()
                .filter(line -> line.contains("\"status\":"))
                .map(line -> line.substring(line.lastIndexOf(':') + 1, line.length() - 1))
                .map(status -> status.equals("null") ? 0 : Integer.parseInt(status));
    }

    private static List<Integer> upTo(int from, int count) {
        return IntStream.range(from, from + count).boxed().toList();
    }

    private <T> T on(int loop, Callable<T> what) throws ExecutionException, InterruptedException {
        return loops.get(loop).submit(what).get();
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("the deadline").isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }

    /// A connection that asks before each request whether it may read it.
    private static final class Reader implements Runnable {
        private final AccessLog log;
        private final int wanted;
        private final CountDownLatch done = new CountDownLatch(1);
        private int read;
        private volatile int paused;

        private Reader(AccessLog log, int wanted) {
            this.log = log;
            this.wanted = wanted;
        }

        @Override
        public void run() {
            while (read < wanted) {
                if (log.on(0).behind()) {
                    paused++;
                    log.on(0).whenCaughtUp(this);
                    return;
                }
                say(log, 0, read++);
            }
            done.countDown();
        }
    }
}
