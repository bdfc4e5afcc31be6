package io.pm2j.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.pm2j.config.Address;
import io.pm2j.proxy.upstream.Balancer.Policy;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BalancerTest {
    private static final int PICKS = 60_000;

    @ParameterizedTest
    @EnumSource
    void givesEqualEndpointsEqualShares(Policy policy) {
        int[] counts = picks(policy, endpoints(1, 1, 1));
        for (int id = 1; id <= 3; id++) {
            assertThat(counts[id] / (double) PICKS).isCloseTo(1 / 3.0, within(0.02));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"WEIGHTED", "HASH"})
    void givesSharesByWeight(Policy policy) {
        int[] counts = picks(policy, endpoints(1, 2, 3));
        for (int id = 1; id <= 3; id++) {
            assertThat(counts[id] / (double) PICKS).isCloseTo(id / 6.0, within(0.02));
        }
    }

    @Test
    void leasesFollowWeights() {
        Endpoint[] set = endpoints(1, 3);
        Balancer balancer = new Balancer(Policy.LEAST_IN_FLIGHT, Integer.MAX_VALUE, true, null);
        for (int i = 0; i < 40; i++) {
            assertThat(pick(balancer, set, 0, null).claim(0)).isTrue();
        }
        assertThat(set[0].inFlight()).isEqualTo(10);
        assertThat(set[1].inFlight()).isEqualTo(30);
    }

    @ParameterizedTest
    @EnumSource
    void avoidsTheOneThatFailedWhileThereIsAnother(Policy policy) {
        Endpoint[] set = endpoints(1, 1, 1);
        Balancer balancer = new Balancer(policy, Integer.MAX_VALUE, true, null);
        for (int key = 0; key < 1_000; key++) {
            assertThat(pick(balancer, set, key, set[1])).isNotSameAs(set[1]);
        }
        Endpoint[] alone = {set[1]};
        assertThat(pick(balancer, alone, 0, set[1])).isSameAs(set[1]);
    }

    @ParameterizedTest
    @EnumSource
    void skipsEndpointsThatHaveAllTheyMayHave(Policy policy) {
        Endpoint[] set = endpoints(1, 1);
        Balancer balancer = new Balancer(policy, 2, true, null);
        for (int i = 0; i < 4; i++) {
            assertThat(pick(balancer, set, i, null).claim(0)).isTrue();
        }
        assertThat(set[0].inFlight()).isEqualTo(2);
        assertThat(set[1].inFlight()).isEqualTo(2);
        assertThat(balancer.pick(0, set, 0, null)).isNull();
        set[1].release(0);
        assertThat(pick(balancer, set, 0, set[1]))
                .as("rather the one that failed than none")
                .isSameAs(set[1]);
    }

    @Test
    void aKeyStaysWithItsEndpointAndMovesOnlyWhenThatLeaves() {
        Endpoint[] four = endpoints(1, 1, 1, 1);
        Endpoint[] three = Arrays.copyOf(four, 3);
        Balancer balancer = new Balancer(Policy.HASH, Integer.MAX_VALUE, true, null);
        int moved = 0;
        for (long key = 0; key < 10_000; key++) {
            Endpoint before = pick(balancer, four, key, null);
            assertThat(pick(balancer, four, key, null)).isSameAs(before);
            Endpoint after = pick(balancer, three, key, null);
            if (before != four[3]) {
                assertThat(after).isSameAs(before);
            } else {
                moved++;
            }
        }
        assertThat(moved / 10_000.0).isCloseTo(0.25, within(0.03));
    }

    @ParameterizedTest
    @EnumSource(names = {"WEIGHTED", "ROUND_ROBIN", "RANDOM", "TWO_CHOICES"})
    void aNewEndpointGetsLittleAtFirst(Policy policy) {
        Endpoint[] set = endpoints(1, 1);
        set[1].warmUp(System.nanoTime(), TimeUnit.HOURS.toNanos(1));
        Balancer balancer = new Balancer(policy, Integer.MAX_VALUE, true, null);
        int fresh = 0;
        for (int i = 0; i < PICKS; i++) {
            fresh += pick(balancer, set, i, null) == set[1] ? 1 : 0;
        }
        assertThat(fresh / (double) PICKS).isBetween(0.04, 0.11);
    }

    @Test
    void refusesAWeightThatCannotBe() {
        assertThatThrownBy(() -> new EndpointSpec(1, new Origin.At(new Address.Unix("/x")), -1))
                .hasMessage("weight: -1 (expected: >= 0)");
    }

    /// How often each id was picked.
    private static int[] picks(Policy policy, Endpoint[] set) {
        Balancer balancer = new Balancer(policy, Integer.MAX_VALUE, true, null);
        int[] counts = new int[set.length + 1];
        for (int key = 0; key < PICKS; key++) {
            Endpoint picked = pick(balancer, set, key, null);
            counts[(int) picked.spec().id()]++;
            if (policy == Policy.LEAST_IN_FLIGHT) {
                assertThat(picked.claim(0)).isTrue();
            }
        }
        return counts;
    }

    private static Endpoint pick(Balancer balancer, Endpoint[] set, long key, @Nullable Endpoint avoid) {
        Endpoint picked = balancer.pick(0, set, key, avoid);
        if (picked == null) {
            throw new AssertionError("nobody may be given a request");
        }
        return picked;
    }

    private static Endpoint[] endpoints(int... weights) {
        Endpoint[] set = new Endpoint[weights.length];
        for (int i = 0; i < set.length; i++) {
            set[i] = Loops.endpoint(new EndpointSpec(i + 1, new Origin.At(new Address.Unix("/x")), weights[i]));
        }
        return set;
    }
}
