package io.pm2j.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.Address;
import io.pm2j.config.spec.edge.BalanceSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Who waits for an endpoint, on loops that are real threads.
@Timeout(180)
final class LinesTest {
    /// A loop of one thread.
    private static final class ThreadLoop implements LoopAgent {
        final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
        final AtomicInteger wakes = new AtomicInteger();
        private final int index;

        ThreadLoop(int index) {
            this.index = index;
        }

        @Override
        public void wake(Upstream upstream) {
            wakes.incrementAndGet();
            thread.execute(() -> upstream.serve(index));
        }

        @Override
        public void closeIdle(Endpoint endpoint, Runnable closed) {
            thread.execute(closed);
        }

        @Override
        public void after(long nanos, Runnable task) {
            thread.schedule(task, nanos, TimeUnit.NANOSECONDS);
        }

        void run(Runnable task) {
            CompletableFuture.runAsync(task, thread).join();
        }
    }

    private static class Request implements Waiter {
        final CompletableFuture<Endpoint> turn = new CompletableFuture<>();
        volatile long atNanos;

        @Override
        public long key() {
            return 0;
        }

        @Override
        public @Nullable CharSequence pin() {
            return null;
        }

        @Override
        public @Nullable Endpoint avoid() {
            return null;
        }

        @Override
        public int heldBytes() {
            return 10;
        }

        @Override
        public void granted(Endpoint endpoint) {
            atNanos = System.nanoTime();
            turn.complete(endpoint);
        }
    }

    private final List<ThreadLoop> loops = List.of(new ThreadLoop(0), new ThreadLoop(1), new ThreadLoop(2));

    @AfterEach
    void endLoops() {
        loops.forEach(loop -> loop.thread.shutdownNow());
    }

    private Upstream upstream(QueueSpec queue, int maxInFlight) {
        BalanceSpec balance = new BalanceSpec(
                new BalanceSpec.Policy.TwoChoices(), Optional.empty(), Duration.ZERO, OptionalInt.of(maxInFlight));
        return new Upstream(UpstreamSpec.named("app").withQueue(queue).withBalance(balance), loops);
    }

    @Test
    void nobodyWaitsWhereNobodyIsExpected() {
        Upstream upstream = upstream(QueueSpec.DEFAULT, 1);
        Request early = new Request();
        Request late = new Request();
        Request again = new Request();
        loops.getFirst().run(() -> assertThat(upstream.await(0, early)).isTrue());

        upstream.expect(false);
        loops.getFirst().run(() -> assertThat(upstream.await(0, late)).isFalse());

        upstream.admit(endpoints(1));
        assertThat(early.turn.join()).isNotNull();
        loops.getFirst().run(() -> assertThat(upstream.await(0, again)).isTrue());
    }

    private static EndpointSpec spec(long id) {
        return new EndpointSpec(id, new Origin.At(new Address.Unix("/x")));
    }

    private static Set<EndpointSpec> endpoints(int count) {
        Set<EndpointSpec> set = new java.util.HashSet<>();
        for (int i = 1; i <= count; i++) {
            set.add(spec(i));
        }
        return set;
    }

    private Request waits(Upstream upstream, int loop) {
        Request request = new Request();
        loops.get(loop).run(() -> assertThat(upstream.await(loop, request)).isTrue());
        return request;
    }

    @Test
    void boundsTheQueueByCountAndByBytes() {
        Upstream few = upstream(QueueSpec.DEFAULT.withMost(2), 1);
        waits(few, 0);
        Request second = waits(few, 1);
        assertThat(few.await(0, new Request())).isFalse();
        few.leave(1, second);
        assertThat(few.waiting()).isEqualTo(1);
        waits(few, 1);

        Upstream small = upstream(new QueueSpec(100, 25, Duration.ofSeconds(5), Duration.ZERO), 1);
        waits(small, 0);
        waits(small, 1);
        assertThat(small.await(0, new Request())).isFalse();
        assertThat(small.waiting()).isEqualTo(2);
    }

    @Test
    void aFreedPlaceGoesToWhoHasWaitedLongestOnAnyLoop() {
        Upstream upstream = upstream(QueueSpec.DEFAULT, 1);
        upstream.admit(Set.of(spec(1)));
        loops.get(0).run(() -> assertThat(upstream.claim(0, null)).isNotNull());
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            requests.add(waits(upstream, (i + 1) % 3));
            // The order between loops is kept to 10 ms.
            long until = System.nanoTime() + 12_000_000;
            while (System.nanoTime() - until < 0) {
                Thread.onSpinWait();
            }
        }
        assertThat(requests).noneMatch(r -> r.turn.isDone());
        Endpoint only = known(upstream);
        for (int i = 0; i < requests.size(); i++) {
            int loopOfLease = i % 3;
            loops.get(loopOfLease).run(() -> only.release(loopOfLease));
            assertThat(requests.get(i).turn.join()).isSameAs(only);
            assertThat(requests.stream().filter(r -> r.turn.isDone())).hasSize(i + 1);
        }
    }

    private static Endpoint known(Upstream upstream) {
        return upstream.members().getFirst();
    }

    @Test
    void newcomersDoNotOvertake() {
        Upstream upstream = upstream(QueueSpec.DEFAULT, 1);
        waits(upstream, 1);
        assertThat(upstream.claim(0, null)).isNull();
    }

    @Test
    void wakesAsManyLoopsAsThereArePlaces() {
        Upstream upstream = upstream(QueueSpec.DEFAULT, 1);
        upstream.admit(Set.of(spec(1)));
        loops.get(0).run(() -> assertThat(upstream.claim(0, null)).isNotNull());
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            requests.add(waits(upstream, i % 3));
        }
        loops.forEach(loop -> loop.wakes.set(0));
        Endpoint endpoint = known(upstream);
        loops.get(0).run(() -> endpoint.release(0));
        requests.getFirst().turn.join();
        loops.forEach(loop -> loop.run(() -> {}));
        assertThat(loops.stream().mapToInt(loop -> loop.wakes.get()).sum()).isEqualTo(1);
        assertThat(requests.stream().filter(r -> r.turn.isDone())).hasSize(1);
    }

    @Test
    void noWakeUpIsLostAndNoEndpointGetsTooMany() throws Exception {
        int each = 20_000;
        Upstream upstream = upstream(new QueueSpec(10_000, 1 << 20, Duration.ofSeconds(5), Duration.ofMillis(2)), 2);
        upstream.admit(endpoints(2));
        AtomicInteger inFlight = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(3 * each);
        for (int i = 0; i < 3; i++) {
            int loop = i;
            loops.get(loop).thread.execute(() -> begin(upstream, loop, each, inFlight, most, done));
        }
        Thread changing = Thread.ofVirtual().start(() -> {
            while (done.getCount() > 0) {
                upstream.admit(endpoints(ThreadLocalRandom.current().nextInt(1, 3)));
                if (ThreadLocalRandom.current().nextInt(20) == 0) {
                    upstream.admit(Set.of());
                }
                Thread.onSpinWait();
                Thread.yield();
            }
        });
        assertThat(done.await(40, TimeUnit.SECONDS))
                .as("%s left, %s wait", done.getCount(), upstream.waiting())
                .isTrue();
        changing.join();
        assertThat(most.get()).isBetween(1, 4);
        assertThat(upstream.waiting()).isZero();
    }

    /// Several requests at a time, one after the other, on one loop; each is held for a moment.
    private void begin(
            Upstream upstream, int loop, int left, AtomicInteger inFlight, AtomicInteger most, CountDownLatch done) {
        for (int i = 0; i < 8; i++) {
            next(upstream, loop, left / 8, inFlight, most, done);
        }
    }

    private void next(
            Upstream upstream, int loop, int left, AtomicInteger inFlight, AtomicInteger most, CountDownLatch done) {
        if (left == 0) {
            return;
        }
        Request request = new Request() {
            @Override
            public void granted(Endpoint endpoint) {
                most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
                loops.get(loop).thread.execute(() -> {
                    inFlight.decrementAndGet();
                    endpoint.release(loop);
                    done.countDown();
                    next(upstream, loop, left - 1, inFlight, most, done);
                });
            }
        };
        Endpoint free = upstream.claim(loop, null);
        if (free != null) {
            request.granted(free);
        } else if (!upstream.await(loop, request)) {
            throw new AssertionError("the queue is full");
        }
    }

    @Test
    void aPauseHoldsAndARampLetsGoSlowly() {
        Upstream upstream = upstream(QueueSpec.DEFAULT, Integer.MAX_VALUE);
        upstream.admit(Set.of(spec(1)));
        upstream.admit(Set.of());
        assertThat(upstream.claim(0, null)).isNull();
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            requests.add(waits(upstream, i % 3));
        }
        assertThat(upstream.waiting()).isEqualTo(300);
        long start = System.nanoTime();
        upstream.admit(Set.of(spec(1)));
        requests.forEach(r -> r.turn.join());
        long[] at = requests.stream().mapToLong(r -> r.atNanos - start).sorted().toArray();
        assertThat(at[20]).as("some at once").isLessThan(TimeUnit.SECONDS.toNanos(20));
        for (int i = 40; i < at.length; i += 20) {
            double soonest = Math.sqrt((i - 32 - 3) / 300.0) * 1e9;
            assertThat(at[i]).as("number %s", i).isGreaterThan((long) soonest - 1_000_000);
        }
        loops.get(0).run(() -> assertThat(upstream.claim(0, null)).isNotNull());
    }

    @Test
    void whoWaitsGoesBackToItsSessionsEndpoint() {
        Upstream upstream = upstream(QueueSpec.DEFAULT, Integer.MAX_VALUE);
        upstream.stick(new StickyKey(new byte[16]));
        upstream.admit(endpoints(5));
        Endpoint third = upstream.members().get(2);
        String cookie = Objects.requireNonNull(upstream.cookie(third));
        upstream.admit(Set.of());
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Request request = new Request() {
                @Override
                public CharSequence pin() {
                    return cookie;
                }
            };
            int loop = i % 3;
            loops.get(loop).run(() -> assertThat(upstream.await(loop, request)).isTrue());
            requests.add(request);
        }
        upstream.admit(endpoints(5));
        assertThat(requests).allSatisfy(r -> assertThat(r.turn.join()).isSameAs(third));
    }

    @Test
    void oneThatBreaksHoldsNobodyUp() {
        Upstream upstream = upstream(QueueSpec.DEFAULT, Integer.MAX_VALUE);
        loops.get(0).run(() -> {
            Request broken = new Request() {
                @Override
                public void granted(Endpoint endpoint) {
                    throw new IllegalStateException("as this test wants");
                }
            };
            assertThat(upstream.await(0, broken)).isTrue();
        });
        Request behind = waits(upstream, 0);
        upstream.admit(Set.of(spec(1)));
        assertThat(behind.turn.join().spec().id()).isEqualTo(1);
    }

    @Test
    void pausingIsStrict() throws Exception {
        Upstream upstream = upstream(QueueSpec.DEFAULT, Integer.MAX_VALUE);
        upstream.admit(Set.of(spec(1)));
        Endpoint endpoint = known(upstream);
        loops.get(0).run(() -> assertThat(upstream.claim(0, null)).isSameAs(endpoint));
        assertThat(upstream.awaitQuiet(Duration.ofMillis(10))).isEqualTo(new Drained.TimedOut(1));
        upstream.admit(Set.of());
        assertThat(endpoint.claim(0)).isFalse();
        assertThat(upstream.awaitIdle(1, Duration.ofMillis(10))).isEqualTo(new Drained.TimedOut(1));
        loops.get(0).run(() -> endpoint.release(0));
        assertThat(upstream.awaitQuiet(Duration.ofSeconds(5))).isInstanceOf(Drained.Idle.class);
        assertThat(upstream.awaitIdle(1, Duration.ofSeconds(5))).isInstanceOf(Drained.Idle.class);
    }

    @Test
    void saysWhenToComeBack() {
        assertThat(RetryAfter.seconds(100, 40, Duration.ofSeconds(10), true)).isEqualTo(3);
        assertThat(RetryAfter.seconds(1, 40, Duration.ofSeconds(10), true)).isEqualTo(1);
        assertThat(RetryAfter.seconds(100, 0, Duration.ofSeconds(10), true)).isEqualTo(10);
        assertThat(RetryAfter.seconds(100, 40, Duration.ofSeconds(10), false)).isEqualTo(10);
        assertThat(RetryAfter.seconds(100_000, 1, Duration.ofSeconds(10), true)).isEqualTo(60);
        assertThat(RetryAfter.seconds(0, 0, Duration.ZERO, false)).isEqualTo(1);
    }
}
