package io.pm2j.proxy.upstream;

import io.pm2j.config.spec.edge.BalanceSpec;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Chooses an endpoint on an event loop: no lock, no allocation.
///
/// An endpoint that has all the leases it may have is skipped, and so is `avoid` (it has just
/// failed) as long as there is another.
final class Balancer {
    /// Who gets the next request.
    enum Policy {
        ROUND_ROBIN,
        WEIGHTED,
        LEAST_IN_FLIGHT,
        /// Of two, the one where a request will be done sooner: fewer leases for its weight, times what
        /// requests usually take there.
        TWO_CHOICES,
        RANDOM,
        /// Rendezvous hashing: an endpoint which comes or goes moves only its own share.
        HASH
    }

    private final Policy policy;
    private final int maxInFlight;
    private final boolean byLatency;
    private final @Nullable RandomGenerator seeded;
    /// Where the next look begins; only a hint, so that loops may overwrite each other.
    private int cursor;

    Balancer(BalanceSpec balance) {
        this(policy(balance.policy()), balance.maxInFlight().orElse(Integer.MAX_VALUE), true, null);
    }

    /// With `seeded` every choice can be had again.
    Balancer(Policy policy, int maxInFlight, boolean byLatency, @Nullable RandomGenerator seeded) {
        this.policy = policy;
        this.maxInFlight = maxInFlight;
        this.byLatency = byLatency;
        this.seeded = seeded;
    }

    private static Policy policy(BalanceSpec.Policy policy) {
        return switch (policy) {
            case BalanceSpec.Policy.RoundRobin() -> Policy.ROUND_ROBIN;
            case BalanceSpec.Policy.Weighted() -> Policy.WEIGHTED;
            case BalanceSpec.Policy.LeastInFlight() -> Policy.LEAST_IN_FLIGHT;
            case BalanceSpec.Policy.TwoChoices() -> Policy.TWO_CHOICES;
            case BalanceSpec.Policy.Random() -> Policy.RANDOM;
            case BalanceSpec.Policy.Hash(var key) -> Policy.HASH;
        };
    }

    /// One of `set`; null when every one has all the leases it may have. `key` matters for [Policy#HASH] alone.
    @Nullable
    Endpoint pick(int loop, Endpoint[] set, long key, @Nullable Endpoint avoid) {
        if (set.length == 1) {
            return free(set[0]) ? set[0] : null;
        }
        Endpoint picked = choose(loop, set, key, avoid);
        if (picked == null && avoid != null) {
            picked = choose(loop, set, key, null);
        }
        return picked;
    }

    /// Whether another lease would be one too many.
    boolean free(Endpoint endpoint) {
        return maxInFlight == Integer.MAX_VALUE || endpoint.inFlight() < maxInFlight;
    }

    /// Whether claims on several loops at once have led to one lease too many.
    boolean tooMany(Endpoint endpoint) {
        return maxInFlight != Integer.MAX_VALUE && endpoint.inFlight() > maxInFlight;
    }

    private @Nullable Endpoint choose(int loop, Endpoint[] set, long key, @Nullable Endpoint avoid) {
        return switch (policy) {
            case ROUND_ROBIN -> next(set, avoid);
            case RANDOM -> warm(from(set, random().nextInt(set.length), avoid), set, avoid);
            case WEIGHTED -> weighted(set, avoid);
            case LEAST_IN_FLIGHT -> least(set, avoid);
            case TWO_CHOICES -> betterOfTwo(loop, set, avoid);
            case HASH -> highest(set, key, avoid);
        };
    }

    private RandomGenerator random() {
        return seeded == null ? ThreadLocalRandom.current() : seeded;
    }

    private @Nullable Endpoint next(Endpoint[] set, @Nullable Endpoint avoid) {
        return warm(from(set, Math.floorMod(cursor++, set.length), avoid), set, avoid);
    }

    /// `picked`; or another instead of one that is still warming up, as often as its share says.
    private @Nullable Endpoint warm(@Nullable Endpoint picked, Endpoint[] set, @Nullable Endpoint avoid) {
        if (picked == null || mayNow(picked)) {
            return picked;
        }
        Endpoint other = from(set, Math.floorMod(cursor, set.length), picked);
        return other == null || other == avoid ? picked : other;
    }

    private boolean mayNow(Endpoint endpoint) {
        return !endpoint.warming() || random().nextDouble() < endpoint.share(System.nanoTime());
    }

    /// The first that may be given a request, from index `start` on.
    private @Nullable Endpoint from(Endpoint[] set, int start, @Nullable Endpoint avoid) {
        for (int i = 0; i < set.length; i++) {
            Endpoint endpoint = set[(start + i) % set.length];
            if (endpoint != avoid && free(endpoint)) {
                return endpoint;
            }
        }
        return null;
    }

    private @Nullable Endpoint weighted(Endpoint[] set, @Nullable Endpoint avoid) {
        double sum = 0;
        for (Endpoint endpoint : set) {
            sum += endpoint != avoid && free(endpoint) ? weight(endpoint) : 0;
        }
        double point = random().nextDouble() * sum;
        Endpoint last = null;
        for (Endpoint endpoint : set) {
            if (endpoint != avoid && free(endpoint)) {
                last = endpoint;
                point -= weight(endpoint);
                if (point < 0) {
                    return endpoint;
                }
            }
        }
        return last;
    }

    private @Nullable Endpoint least(Endpoint[] set, @Nullable Endpoint avoid) {
        int start = Math.floorMod(cursor++, set.length);
        Endpoint best = null;
        double bestLoad = Double.POSITIVE_INFINITY;
        for (int i = 0; i < set.length; i++) {
            Endpoint endpoint = set[(start + i) % set.length];
            double load = (endpoint.inFlight() + 1) / weight(endpoint);
            if (endpoint != avoid && free(endpoint) && load < bestLoad) {
                best = endpoint;
                bestLoad = load;
            }
        }
        return best;
    }

    /// The first goes round, the second is random: equal ones are served in turn.
    private @Nullable Endpoint betterOfTwo(int loop, Endpoint[] set, @Nullable Endpoint avoid) {
        int n = set.length;
        int one = Math.floorMod(cursor++, n);
        int two = (one + 1 + random().nextInt(n - 1)) % n;
        Endpoint first = set[one];
        Endpoint second = set[two];
        boolean firstMay = first != avoid && free(first);
        boolean secondMay = second != avoid && free(second);
        if (firstMay && secondMay) {
            return better(loop, first, second);
        }
        return firstMay ? first : secondMay ? second : from(set, one, avoid);
    }

    private Endpoint better(int loop, Endpoint first, Endpoint second) {
        boolean firstMay = mayNow(first);
        boolean secondMay = mayNow(second);
        if (firstMay != secondMay) {
            return firstMay ? first : second;
        }
        long firstTakes = first.latency(loop);
        long secondTakes = second.latency(loop);
        double ratio = byLatency ? Latency.ratio(secondTakes, firstTakes) : 1;
        double secondCosts = ratio * (second.inFlight() + 1) * first.spec().weight();
        double firstCosts = (double) (first.inFlight() + 1) * second.spec().weight();
        if (secondCosts < firstCosts) {
            first.latency(loop, Latency.passedOver(firstTakes, secondTakes));
            return second;
        }
        second.latency(loop, Latency.passedOver(secondTakes, firstTakes));
        return first;
    }

    private @Nullable Endpoint highest(Endpoint[] set, long key, @Nullable Endpoint avoid) {
        Endpoint best = null;
        double bestScore = Double.NEGATIVE_INFINITY;
        for (Endpoint endpoint : set) {
            if (endpoint == avoid || !free(endpoint)) {
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

    /// Weighted rendezvous hashing: Schindelhauer and Schomaker 2005. By slot, so that a reload moves nobody.
    private static double score(long key, Endpoint endpoint) {
        long hash = Hash.mix(key ^ endpoint.slotHash());
        double uniform = ((hash >>> 11) + 0.5) * 0x1.0p-53;
        return -endpoint.spec().weight() / Math.log(uniform);
    }

    private static double weight(Endpoint endpoint) {
        return endpoint.warming()
                ? endpoint.spec().weight() * endpoint.share(System.nanoTime())
                : endpoint.spec().weight();
    }
}
