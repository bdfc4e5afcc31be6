package io.pm2j.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.pm2j.proxy.upstream.Balancer.Policy;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Why the better of two goes by latency too: four workers, one request after the other in each, in virtual time.
final class LatencySimulationTest {
    private static final int REQUESTS = 60_000;
    private static final Simulation.Failing NEVER = (worker, random) -> false;

    private static double around(double mean, SplittableRandom random) {
        return -mean * Math.log(1 - random.nextDouble());
    }

    /// One in a hundred takes fifty times as long.
    private static double mixed(SplittableRandom random) {
        return random.nextInt(100) == 0 ? 50 : around(1, random);
    }

    private static Simulation.Result byLoad(Simulation simulation) {
        return simulation.run(Policy.TWO_CHOICES, false, REQUESTS, 7);
    }

    private static Simulation.Result byLatency(Simulation simulation) {
        return simulation.run(Policy.TWO_CHOICES, true, REQUESTS, 7);
    }

    @ParameterizedTest
    @ValueSource(doubles = {800, 2_000, 3_200})
    void costsNothingWhereAllAreEqual(double perSecond) {
        Simulation equal = new Simulation(4, perSecond, (worker, random) -> around(1, random), NEVER);
        Simulation.Result load = byLoad(equal);
        Simulation.Result latency = byLatency(equal);
        assertThat(latency.millis(0.5)).isCloseTo(load.millis(0.5), within(0.05 * load.millis(0.5)));
        assertThat(latency.millis(0.99)).isCloseTo(load.millis(0.99), within(0.05 * load.millis(0.99)));
    }

    @ParameterizedTest
    @CsvSource({"650, 0.85", "1625, 0.9", "2600, 0.95"})
    void shortensTheTailWhereOneIsSlow(double perSecond, double atMost) {
        Simulation slow = new Simulation(4, perSecond, (worker, random) -> around(worker == 0 ? 4 : 1, random), NEVER);
        assertThat(byLatency(slow).millis(0.99))
                .isLessThan(atMost * byLoad(slow).millis(0.99));
    }

    @ParameterizedTest
    @ValueSource(doubles = {500, 1_300})
    void oneHeavyRequestStarvesNobody(double perSecond) {
        Simulation heavy = new Simulation(4, perSecond, (worker, random) -> mixed(random), NEVER);
        Simulation.Result result = byLatency(heavy);
        for (int worker = 0; worker < 4; worker++) {
            assertThat(result.share(worker)).isCloseTo(0.25, within(0.02));
        }
        assertThat(result.millis(0.9)).isLessThan(1.15 * byLoad(heavy).millis(0.9));
    }

    @Test
    void failingFastAttractsNobody() {
        Simulation broken = new Simulation(
                4, 1_500, (worker, random) -> worker == 0 ? 0.05 : around(1, random), (worker, random) -> worker == 0);
        int byLoad = byLoad(broken).failed();
        int byLatency = byLatency(broken).failed();
        assertThat(byLoad).isGreaterThan(REQUESTS / 4);
        assertThat(byLatency).isLessThan(byLoad / 3);
        assertThat(byLatency).as("it is tried now and then").isPositive();
    }

    @Test
    void nobodyIsPassedOverForGood() {
        long good = Latency.after(Latency.UNKNOWN, 1_000_000, true);
        long worst = Latency.after(Latency.UNKNOWN, Long.MAX_VALUE / 4, false);
        int times = 0;
        while (Latency.ratio(worst, good) > 1) {
            worst = Latency.passedOver(worst, good);
            times++;
        }
        assertThat(times).isBetween(100, 500);
    }

    @Test
    void aFreshOneCountsAsTheOther() {
        long known = Latency.after(Latency.UNKNOWN, 1_000_000, true);
        assertThat(Latency.ratio(Latency.UNKNOWN, known)).isEqualTo(1);
        assertThat(Latency.ratio(known, Latency.UNKNOWN)).isEqualTo(1);
        assertThat(Latency.passedOver(known, Latency.UNKNOWN)).isEqualTo(known);
    }

    @ParameterizedTest
    @ValueSource(longs = {1_000, 1_500_000, 2_000_000_000, 60_000_000_000L})
    void remembersAboutWhatItSaw(long nanos) {
        long usual = Latency.UNKNOWN;
        for (int i = 0; i < 10; i++) {
            usual = Latency.after(usual, nanos, true);
        }
        assertThat((double) Latency.nanos(usual)).isCloseTo(nanos, within(nanos * 0.01));
    }
}
