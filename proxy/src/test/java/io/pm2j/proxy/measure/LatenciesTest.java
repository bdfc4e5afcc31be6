package io.pm2j.proxy.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    private static final long MS = 1_000_000;

    private final List<ExecutorService> loops =
            List.of(Executors.newSingleThreadExecutor(), Executors.newSingleThreadExecutor());
    private final Latencies latencies = new Latencies(loops);

    @AfterEach
    void endLoops() {
        loops.forEach(ExecutorService::shutdownNow);
    }

    @Test
    void addsUpAllLoopsOverAllReadings() throws Exception {
        int api = latencies.routes().of("api");
        measured(0, api, 200, 2 * MS, MS);
        measured(1, api, 204, 40 * MS, -1);
        measured(1, api, 502, 20_000 * MS, -1);
        latencies.read();
        measured(0, api, 200, 2 * MS, MS);

        Latencies.Reading reading = latencies.read();

        assertThat(reading.requests()).extracting(Latencies.Request::route).containsOnly("api");
        assertThat(reading.requests())
                .extracting(Latencies.Request::statusClass)
                .containsExactly(2, 5);
        Distribution good = reading.requests().getFirst().durations();
        assertThat(good.buckets().count()).isEqualTo(3);
        assertThat(good.buckets().cumulative()).containsExactly(0, 0, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3);
        assertThat(good.buckets().sumSeconds()).isCloseTo(0.044, within(1e-9));
        assertThat(good.p50()).isCloseTo(0.002, within(0.00003));
        assertThat(good.longest()).isCloseTo(0.04, within(0.0004));
        assertThat(reading.requests().getLast().durations().p99()).isCloseTo(20, within(0.2));
        assertThat(reading.heads()).hasSize(1);
        assertThat(reading.heads().getFirst().durations().buckets().count()).isEqualTo(2);
    }

    @Test
    void nothingMeasuredIsNothingRead() throws Exception {
        assertThat(latencies.read().requests()).isEmpty();
    }

    @Test
    void whatHasNoAnswerIsAClassOfItsOwn() throws Exception {
        measured(0, RouteMeters.OTHER, 0, MS, -1);

        assertThat(latencies.read().requests())
                .extracting(r -> r.route() + " " + r.statusClass())
                .containsExactly("other 0");
    }

    @Test
    void laterRoutesThanTheMostShareOnePlace() {
        for (int i = 0; i < RouteMeters.MOST; i++) {
            assertThat(latencies.routes().of("r" + i)).isEqualTo(i + 1);
        }

        assertThat(latencies.routes().of("late")).isEqualTo(RouteMeters.OTHER);
        assertThat(latencies.routes().of("r7")).isEqualTo(8);
        assertThat(latencies.routes().of("other")).isEqualTo(RouteMeters.OTHER);
    }

    @Test
    void takesDurationsOfAnyLength() throws Exception {
        measured(0, 0, 200, -5, 0);
        measured(0, 0, 200, Long.MAX_VALUE / 2, Long.MAX_VALUE / 2);

        assertThat(latencies.read().requests().getFirst().durations().buckets().count())
                .isEqualTo(2);
    }

    @Test
    void aLoopThatHangsIsToldOfTheNextTime() throws Exception {
        measured(0, 0, 200, MS, -1);
        CountDownLatch hangs = new CountDownLatch(1);
        loops.get(0).execute(() -> {
            try {
                hangs.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });

        assertThat(latencies.read().requests()).isEmpty();
        hangs.countDown();
        on(0, () -> 0);

        assertThat(latencies.read().requests()).hasSize(1);
    }

    @Test
    void recordingAllocatesNothing() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int times = 50_000;

        long allocated = on(0, () -> {
            many(times);
            long id = Thread.currentThread().threadId();
            long before = threads.getThreadAllocatedBytes(id);
            many(times);
            return threads.getThreadAllocatedBytes(id) - before;
        });

        assertThat(allocated).isLessThan(times);
    }

    private void many(int times) {
        for (int n = 0; n < times; n++) {
            latencies.on(0).measured(n & 7, 200 + 100 * (n & 3), n * 1_000L, n * 500L);
        }
    }

    private void measured(int loop, int route, int status, long duration, long head) throws Exception {
        on(loop, () -> {
            latencies.on(loop).measured(route, status, duration, head);
            return 0;
        });
    }

    private <T> T on(int loop, Callable<T> what) throws Exception {
        return loops.get(loop).submit(what).get();
    }
}
