package io.pm2j.proxy.upstream;

import io.pm2j.config.Address;
import io.pm2j.proxy.upstream.Balancer.Policy;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/// Requests and workers in virtual time: each worker does one after the other, as a Node process does, and
/// requests arrive by chance at a given rate. The same seed gives the same run.
final class Simulation {
    /// What a request takes at a worker once it is its turn.
    interface Work {
        double millis(int worker, SplittableRandom random);
    }

    /// Whether it then fails.
    interface Failing {
        boolean at(int worker, SplittableRandom random);
    }

    record Result(long[] nanos, int[] counts, int failed) {
        double millis(double quantile) {
            return nanos[(int) (quantile * (nanos.length - 1))] / 1e6;
        }

        double share(int worker) {
            return counts[worker] / (double) Arrays.stream(counts).sum();
        }

        @Override
        public String toString() {
            return String.format(
                    "p50 %.2f p90 %.2f p99 %.2f p99.9 %.2f failed %d %s",
                    millis(0.5), millis(0.9), millis(0.99), millis(0.999), failed, Arrays.toString(counts));
        }
    }

    private record Event(long atNanos, int worker) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return Long.compare(atNanos, other.atNanos);
        }
    }

    private final int workers;
    private final double perSecond;
    private final Work work;
    private final Failing failing;

    Simulation(int workers, double perSecond, Work work, Failing failing) {
        this.workers = workers;
        this.perSecond = perSecond;
        this.work = work;
        this.failing = failing;
    }

    Result run(Policy policy, boolean byLatency, int requests, long seed) {
        SplittableRandom arrivals = new SplittableRandom(seed);
        SplittableRandom times = new SplittableRandom(seed + 1);
        Balancer balancer = new Balancer(policy, Integer.MAX_VALUE, byLatency, new SplittableRandom(seed + 2));
        Endpoint[] set = new Endpoint[workers];
        for (int i = 0; i < workers; i++) {
            set[i] = Loops.endpoint(new EndpointSpec(i, new Origin.At(new Address.Unix("/x")), 1));
        }
        PriorityQueue<Event> done = new PriorityQueue<>();
        java.util.List<ArrayDeque<Long>> started = java.util.stream.IntStream.range(0, workers)
                .mapToObj(i -> new ArrayDeque<Long>())
                .toList();
        long[] freeAt = new long[workers];
        long[] took = new long[requests];
        int[] counts = new int[workers];
        int finished = 0;
        int failed = 0;
        long now = 0;
        for (int sent = 0; finished < requests; ) {
            long next = sent < requests ? now + (long) (-Math.log(1 - arrivals.nextDouble()) / perSecond * 1e9) : -1;
            while (!done.isEmpty() && (next < 0 || done.peek().atNanos() <= next)) {
                Event end = done.poll();
                long nanos = end.atNanos() - started.get(end.worker()).poll();
                boolean ok = !failing.at(end.worker(), times);
                set[end.worker()].release(0);
                set[end.worker()].observe(0, nanos, ok);
                took[finished++] = nanos;
                failed += ok ? 0 : 1;
            }
            if (next >= 0) {
                now = next;
                sent++;
                Endpoint picked = balancer.pick(0, set, 0, null);
                if (picked == null || !picked.claim(0)) {
                    throw new AssertionError("an open endpoint takes any number");
                }
                int worker = (int) picked.spec().id();
                counts[worker]++;
                freeAt[worker] = Math.max(freeAt[worker], now) + (long) (work.millis(worker, times) * 1e6);
                started.get(worker).add(now);
                done.add(new Event(freeAt[worker], worker));
            }
        }
        Arrays.sort(took);
        return new Result(took, counts, failed);
    }
}
