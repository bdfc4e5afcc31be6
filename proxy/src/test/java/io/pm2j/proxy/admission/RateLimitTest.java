package io.pm2j.proxy.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.edge.ClientKey;
import io.pm2j.config.spec.edge.LimitSpec.Rate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {
    private static Rate rate(int tokens, Duration every, int burst) {
        return new Rate(tokens, every, burst, new ClientKey.Ip());
    }

    /// At a start of the clock that runs over, as nanoTime may.
    private static final long START = Long.MAX_VALUE - 1_000;

    @ParameterizedTest
    @CsvSource({"10, 1, 10", "3, 1, 5", "100, 60, 1", "1000, 3600, 20", "5000, 1, 100", "1, 3600, 1"})
    void passesTheBurstAtOnceAndThenItsRate(int tokens, int seconds, int burst) {
        var limit = new RateLimit(rate(tokens, Duration.ofSeconds(seconds), burst), START);
        long hash = ClientHash.of(7);
        int atOnce = 0;
        while (limit.take(hash, START) == 0) {
            atOnce++;
        }
        double tokenNanos = seconds * 1e9 / tokens;
        int later = 0;
        // Each tenth of a token's time, for fifty tokens.
        for (int step = 1; step <= 500; step++) {
            later += limit.take(hash, START + (long) (step * tokenNanos / 10)) == 0 ? 1 : 0;
        }

        assertThat(atOnce).isEqualTo(burst);
        assertThat(later).isBetween(49, 50);
    }

    @Test
    void saysWhenThereIsATokenAgain() {
        var limit = new RateLimit(rate(2, Duration.ofSeconds(1), 1), 0);
        long first = limit.take(1, 0);
        long wait = limit.take(1, 0);

        assertThat(first).isZero();
        assertThat(wait).isBetween(499_000_000L, 501_000_000L);
        assertThat(limit.take(1, wait - 2_000_000)).isPositive();
        assertThat(limit.take(1, wait)).isZero();
    }

    @Test
    void anotherClientHasABucketOfItsOwn() {
        var limit = new RateLimit(rate(1, Duration.ofHours(1), 1), 0);

        for (int client = 0; client < 1_000; client++) {
            assertThat(limit.take(ClientHash.of(client), 0)).isZero();
        }
        for (int client = 0; client < 1_000; client++) {
            assertThat(limit.take(ClientHash.of(client), 0)).isPositive();
        }
    }

    @Test
    void aFullSetForgetsTheBucketNearestToBeingFull() {
        var limit = new RateLimit(rate(1, Duration.ofSeconds(1), 10), 0, RateLimit.WAYS);
        long[] hashes = new Random(1).longs(RateLimit.WAYS + 1).toArray();
        for (int client = 0; client < RateLimit.WAYS; client++) {
            // The first takes least.
            for (int i = 0; i <= client; i++) {
                assertThat(limit.take(hashes[client], 0)).isZero();
            }
        }

        assertThat(limit.take(hashes[RateLimit.WAYS], 0)).isZero();

        int left = 0;
        while (limit.take(hashes[1], 0) == 0) {
            left++;
        }
        assertThat(left).as("the second is still known").isEqualTo(8);
    }

    @Test
    void aBucketFromBeforeTheClockRanRoundIsForgotten() {
        var limit = new RateLimit(rate(1_000_000, Duration.ofSeconds(1), 5), 0);
        long oneRound = 1L << 44;
        while (limit.take(3, oneRound / 2 + 10_000_000_000L) == 0) {
            // until it is empty
        }

        assertThat(limit.take(3, oneRound + 1_000)).isZero();
    }

    @Test
    void manyThreadsTakeNoMoreThanThereIs() throws Exception {
        int burst = 1_000;
        for (int round = 0; round < 20; round++) {
            var limit = new RateLimit(rate(1, Duration.ofHours(1), burst), 0);
            long hash = ClientHash.of(round);
            Callable<Integer> taker = () -> {
                int taken = 0;
                for (int i = 0; i < burst; i++) {
                    taken += limit.take(hash, i) == 0 ? 1 : 0;
                }
                return taken;
            };
            int taken = 0;
            try (var threads = Executors.newFixedThreadPool(4)) {
                List<Future<Integer>> results = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    results.add(threads.submit(taker));
                }
                for (Future<Integer> result : results) {
                    taken += result.get();
                }
            }

            assertThat(taken).isEqualTo(burst);
        }
    }
}
