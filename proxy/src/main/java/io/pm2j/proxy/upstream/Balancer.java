package io.pm2j.proxy.upstream;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Chooses an endpoint on an event loop: no lock, no allocation.
///
/// An endpoint that has all the leases it may have is skipped, and so is `avoid` (it has just
/// failed) as long as there is another.
final class Balancer {
    private final Balance balance;
    private final long slowStartNanos;
    /// Where the next look begins; only a hint, so that loops may overwrite each other.
    private int cursor;

    Balancer(Balance balance) {
        this.balance = balance;
        this.slowStartNanos = balance.slowStartNanos();
    }

    /// One of `set`; null when every one has all the leases it may have. `key` matters for [Policy#HASH] alone.
    @Nullable
    Endpoint pick(Endpoint[] set, long key, @Nullable Endpoint avoid) {
        if (set.length == 1) {
            return open(set[0]) ? set[0] : null;
        }
        Endpoint picked = choose(set, key, avoid);
        if (picked == null && avoid != null) {
            picked = choose(set, key, null);
        }
        return picked;
    }

    private @Nullable Endpoint choose(Endpoint[] set, long key, @Nullable Endpoint avoid) {
        return switch (balance.policy()) {
            case ROUND_ROBIN -> next(set, avoid);
            case RANDOM -> from(set, ThreadLocalRandom.current().nextInt(set.length), avoid);
            case WEIGHTED -> weighted(set, avoid);
            case LEAST_IN_FLIGHT -> least(set, avoid);
            case TWO_CHOICES -> betterOfTwo(set, avoid);
            case HASH -> highest(set, key, avoid);
        };
    }

    private @Nullable Endpoint next(Endpoint[] set, @Nullable Endpoint avoid) {
        int start = Math.floorMod(cursor++, set.length);
        if (slowStartNanos > 0
                && share(set[start], System.nanoTime())
                        < ThreadLocalRandom.current().nextDouble()) {
            start = Math.floorMod(cursor++, set.length);
        }
        return from(set, start, avoid);
    }

    /// The first that may be given a request, from index `start` on.
    private @Nullable Endpoint from(Endpoint[] set, int start, @Nullable Endpoint avoid) {
        for (int i = 0; i < set.length; i++) {
            Endpoint endpoint = set[(start + i) % set.length];
            if (endpoint != avoid && open(endpoint)) {
                return endpoint;
            }
        }
        return null;
    }

    private @Nullable Endpoint weighted(Endpoint[] set, @Nullable Endpoint avoid) {
        long now = System.nanoTime();
        double sum = 0;
        for (Endpoint endpoint : set) {
            sum += endpoint != avoid && open(endpoint) ? weight(endpoint, now) : 0;
        }
        double point = ThreadLocalRandom.current().nextDouble() * sum;
        Endpoint last = null;
        for (Endpoint endpoint : set) {
            if (endpoint != avoid && open(endpoint)) {
                last = endpoint;
                point -= weight(endpoint, now);
                if (point < 0) {
                    return endpoint;
                }
            }
        }
        return last;
    }

    private @Nullable Endpoint least(Endpoint[] set, @Nullable Endpoint avoid) {
        long now = System.nanoTime();
        int start = Math.floorMod(cursor++, set.length);
        Endpoint best = null;
        double bestLoad = Double.POSITIVE_INFINITY;
        for (int i = 0; i < set.length; i++) {
            Endpoint endpoint = set[(start + i) % set.length];
            double load = (endpoint.inFlight() + 1) / weight(endpoint, now);
            if (endpoint != avoid && open(endpoint) && load < bestLoad) {
                best = endpoint;
                bestLoad = load;
            }
        }
        return best;
    }

    /// The first goes round, the second is random: equal ones are served in turn.
    private @Nullable Endpoint betterOfTwo(Endpoint[] set, @Nullable Endpoint avoid) {
        int n = set.length;
        int one = Math.floorMod(cursor++, n);
        int two = (one + 1 + ThreadLocalRandom.current().nextInt(n - 1)) % n;
        Endpoint first = set[one];
        Endpoint second = set[two];
        boolean firstMay = first != avoid && open(first);
        boolean secondMay = second != avoid && open(second);
        if (firstMay && secondMay) {
            return secondIsBetter(first, second) ? second : first;
        }
        return firstMay ? first : secondMay ? second : from(set, one, avoid);
    }

    private boolean secondIsBetter(Endpoint first, Endpoint second) {
        if (slowStartNanos == 0 && first.spec().weight() == second.spec().weight()) {
            return second.inFlight() < first.inFlight();
        }
        long now = System.nanoTime();
        return (second.inFlight() + 1) * weight(first, now) < (first.inFlight() + 1) * weight(second, now);
    }

    private @Nullable Endpoint highest(Endpoint[] set, long key, @Nullable Endpoint avoid) {
        Endpoint best = null;
        double bestScore = Double.NEGATIVE_INFINITY;
        for (Endpoint endpoint : set) {
            if (endpoint == avoid || !open(endpoint)) {
                continue;
            }
            double score = score(key, endpoint);
            if (score > bestScore) {
                best = endpoint;
                bestScore = score;
            }
        }
        return best;
    }

    /// Weighted rendezvous hashing: Schindelhauer and Schomaker 2005.
    private static double score(long key, Endpoint endpoint) {
        long hash = mix(key ^ mix(endpoint.spec().id()));
        double uniform = ((hash >>> 11) + 0.5) * 0x1.0p-53;
        return -endpoint.spec().weight() / Math.log(uniform);
    }

    /// The finisher of MurmurHash3: every bit of the result depends on every bit of `value`.
    private static long mix(long value) {
        long h = value ^ value >>> 33;
        h *= 0xff51afd7ed558ccdL;
        h ^= h >>> 33;
        h *= 0xc4ceb9fe1a85ec53L;
        return h ^ h >>> 33;
    }

    /// Whether it may have one more lease.
    boolean open(Endpoint endpoint) {
        return balance.maxInFlight() == Integer.MAX_VALUE || endpoint.inFlight() < balance.maxInFlight();
    }

    private double weight(Endpoint endpoint, long now) {
        return endpoint.spec().weight() * share(endpoint, now);
    }

    /// What part of its weight counts already, at least a tenth.
    private double share(Endpoint endpoint, long now) {
        if (slowStartNanos == 0) {
            return 1;
        }
        double age = now - endpoint.admittedAtNanos();
        return Math.clamp(age / slowStartNanos, 0.1, 1);
    }
}
