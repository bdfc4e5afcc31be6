package io.pm2j.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
final class UpstreamTest {
    private static final LoopAgent IDLE_LOOP = new LoopAgent() {
        @Override
        public void wake(Upstream upstream) {}

        @Override
        public void after(long nanos, Runnable task) {}

        @Override
        public void closeIdle(Endpoint endpoint, Runnable closed) {
            closed.run();
        }
    };

    private final Upstream upstream = new Upstream(
            UpstreamSpec.named("app").withQueue(QueueSpec.DEFAULT.withMost(2)), List.of(IDLE_LOOP, IDLE_LOOP));

    private static EndpointSpec spec(long id) {
        return new EndpointSpec(id, new Origin.At(new Address.Tcp("127.0.0.1", 1)));
    }

    private Endpoint claim(int loop, @Nullable Endpoint avoid) {
        Endpoint claimed = upstream.claim(loop, avoid);
        if (claimed == null) {
            throw new AssertionError("nothing is admitted");
        }
        return claimed;
    }

    @Test
    void givesNothingWhileNothingIsAdmitted() {
        assertThat(upstream.claim(0, null)).isNull();
    }

    @Test
    void spreadsLeasesEvenly() {
        upstream.admit(Set.of(spec(1), spec(2)));
        int first = 0;
        for (int i = 0; i < 100; i++) {
            first += claim(i % 2, null).spec().id() == 1 ? 1 : 0;
        }
        assertThat(first).isEqualTo(50);
    }

    @Test
    void avoidsTheOneThatFailedWhereThereIsAnother() {
        upstream.admit(Set.of(spec(1), spec(2)));
        Endpoint failed = claim(0, null);
        for (int i = 0; i < 20; i++) {
            assertThat(claim(0, failed)).isNotSameAs(failed);
        }
        upstream.admit(Set.of(failed.spec()));
        assertThat(claim(0, failed)).isSameAs(failed);
    }

    @Test
    void timesOutWhileALeaseIsOpen() throws Exception {
        upstream.admit(Set.of(spec(1)));
        Endpoint leased = claim(1, null);
        upstream.admit(Set.of());
        assertThat(upstream.awaitIdle(1, Duration.ofMillis(20))).isEqualTo(new Drained.TimedOut(1));
        leased.release(1);
        assertThat(upstream.awaitIdle(1, Duration.ofMillis(20))).isInstanceOf(Drained.Idle.class);
    }

    @Test
    void r5NeverLeasesAnEndpointThatHasBeenFoundIdle() throws Exception {
        Set<Long> retired = ConcurrentHashMap.newKeySet();
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger late = new AtomicInteger();
        upstream.admit(Set.of(spec(0)));
        List<Thread> loops = new ArrayList<>();
        for (int loop = 0; loop < 2; loop++) {
            int index = loop;
            loops.add(Thread.ofPlatform().start(() -> {
                while (!done.get()) {
                    Endpoint leased = upstream.claim(index, null);
                    if (leased != null) {
                        if (retired.contains(leased.spec().id())) {
                            late.incrementAndGet();
                        }
                        leased.release(index);
                    }
                }
            }));
        }
        for (long id = 1; id < 2_000; id++) {
            upstream.admit(Set.of(spec(id)));
            assertThat(upstream.awaitIdle(id - 1, Duration.ofSeconds(60))).isInstanceOf(Drained.Idle.class);
            retired.add(id - 1);
        }
        done.set(true);
        for (Thread loop : loops) {
            loop.join();
        }
        assertThat(late).hasValue(0);
    }
}
