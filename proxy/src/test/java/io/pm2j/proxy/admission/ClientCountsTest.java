package io.pm2j.proxy.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class ClientCountsTest {
    @Test
    void lettingOneGoMakesRoomForOne() {
        var counts = new ClientCounts(2);
        int first = counts.enter(1);
        int second = counts.enter(1);

        assertThat(counts.enter(1)).isEqualTo(ClientCounts.FULL);
        counts.leave(first);
        int third = counts.enter(1);
        assertThat(counts.enter(1)).isEqualTo(ClientCounts.FULL);
        counts.leave(second);
        counts.leave(third);
        assertThat(counts.total()).isZero();
    }

    @Test
    void moreClientsThanFitAreNotCounted() {
        var counts = new ClientCounts(1, 16);
        List<Integer> slots = new ArrayList<>();
        new Random(1).longs(17).forEach(hash -> slots.add(counts.enter(hash)));

        assertThat(slots.subList(0, 16)).doesNotContain(ClientCounts.UNCOUNTED).doesNotHaveDuplicates();
        assertThat(slots.getLast()).isEqualTo(ClientCounts.UNCOUNTED);
        slots.forEach(counts::leave);
        assertThat(counts.total()).isZero();
    }

    /// A small table, so that clients take each other's words over all the time.
    @Test
    void noClientEverHasMoreThanItMay() throws Exception {
        int most = 2;
        var counts = new ClientCounts(most, 16);
        long[] clients = new Random(2).longs(12).toArray();
        var inside = new AtomicIntegerArray(clients.length);
        Callable<Boolean> loop = () -> {
            boolean kept = true;
            var random = new Random(Thread.currentThread().threadId());
            for (int i = 0; i < 50_000; i++) {
                int who = random.nextInt(clients.length);
                int slot = counts.enter(clients[who]);
                if (slot >= 0) {
                    kept &= inside.incrementAndGet(who) <= most;
                    if ((i & 63) == 0) {
                        Thread.yield();
                    }
                    inside.decrementAndGet(who);
                    counts.leave(slot);
                }
            }
            return kept;
        };
        try (var threads = Executors.newFixedThreadPool(6)) {
            List<Future<Boolean>> results = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                results.add(threads.submit(loop));
            }
            for (Future<Boolean> result : results) {
                assertThat(result.get()).isTrue();
            }
        }
        assertThat(counts.total()).isZero();
    }
}
