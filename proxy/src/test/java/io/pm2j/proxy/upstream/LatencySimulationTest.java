package io.pm2j.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.proxy.upstream.Balancer.Policy;
import org.junit.jupiter.api.Test;

final class LatencySimulationTest {
    static double exp(java.util.SplittableRandom r, double mean) { return -mean * Math.log(1 - r.nextDouble()); }

    @Test
    void explore() {
        for (double load : new double[] {0.2, 0.5, 0.8}) {
            for (int n : new int[] {2, 4, 8}) {
                show("even", n, load * n * 1000, (w, r) -> exp(r, 1), (w, r) -> false);
                show("heavy 1% x50", n, load * n * 1000 / 1.5, (w, r) -> r.nextDouble() < 0.01 ? 50 : exp(r, 1), (w, r) -> false);
                show("slow x4", n, load * (n - 1 + 0.25) * 1000, (w, r) -> exp(r, w == 0 ? 4 : 1), (w, r) -> false);
                show("slow x4 + heavy", n, load * (n - 1 + 0.25) * 1000 / 1.5, (w, r) -> (w == 0 ? 4 : 1) * (r.nextDouble() < 0.01 ? 50 : exp(r, 1)), (w, r) -> false);
                show("fails fast", n, load * (n - 1) * 1000, (w, r) -> w == 0 ? 0.05 : exp(r, 1), (w, r) -> w == 0);
            }
        }
        assertThat(1).isEqualTo(1);
    }

    private static void show(String name, int n, double rate, Simulation.Work work, Simulation.Failing failing) {
        Simulation s = new Simulation(n, rate, work, failing);
        System.out.printf("%-16s n=%d rate=%.0f%n", name, n, rate);
        System.out.println("   load    " + s.run(Policy.TWO_CHOICES, false, 100_000, 7));
        System.out.println("   latency " + s.run(Policy.TWO_CHOICES, true, 100_000, 7));
    }
}
