package io.pm2j.proxy.upstream;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// The endpoints of a picture in two lanes, the usual ones and those on trial: first the lane is chosen, then the
/// balancer chooses within it, so that the share is exact whatever the policy.
///
/// A lane in which nobody may be given anything gives its requests to the other: rather an answer of the
/// other version than none. A mark that is missing is the one thing that keeps a request waiting for a full lane.
final class Lanes {
    private static final Endpoint[] NONE = {};
    /// A client that a hash binds to an endpoint is bound to a lane too, independently.
    private static final long SALT = 0x5bd1e995_9d2c5680L;

    private final Trial terms;
    private final Endpoint[] usual;
    private final Endpoint[] trial;

    private Lanes(Trial terms, Endpoint[] usual, Endpoint[] trial) {
        this.terms = terms;
        this.usual = usual;
        this.trial = trial;
    }

    static Lanes of(Trial terms, List<Endpoint> endpoints) {
        List<Endpoint> usual = new ArrayList<>(endpoints);
        List<Endpoint> trial = new ArrayList<>();
        usual.removeIf(e -> isOn(terms, e) && trial.add(e));
        return new Lanes(terms, usual.toArray(NONE), trial.toArray(NONE));
    }

    private static boolean isOn(Trial terms, Endpoint endpoint) {
        return terms.endpoints().contains(endpoint.spec().id());
    }

    Trial.@Nullable Mark mark() {
        return terms.mark();
    }

    /// Whether a request that comes is one for the trial; `marked` tells whether it bears the mark.
    boolean draw(long key, boolean marked) {
        if (terms.mark() != null) {
            return marked;
        }
        return (key == 0 ? ThreadLocalRandom.current().nextDouble() : uniform(key)) < terms.share();
    }

    private static double uniform(long key) {
        return (Hash.mix(key ^ SALT) >>> 11) * 0x1.0p-53;
    }

    @Nullable
    Endpoint pick(Balancer balancer, int loop, long key, @Nullable Endpoint avoid, boolean onTrial) {
        Endpoint[] first = onTrial ? trial : usual;
        Endpoint[] other = onTrial ? usual : trial;
        boolean failed = first.length == 1 && first[0] == avoid;
        if (first.length > 0 && !(failed && other.length > 0)) {
            Endpoint picked = balancer.pick(loop, first, key, avoid);
            boolean waits = terms.mark() != null && !onTrial;
            if (picked != null || waits) {
                return picked;
            }
        }
        return other.length == 0 ? null : balancer.pick(loop, other, key, avoid);
    }

    /// Whether `known`, where a client has been before, is in its request's lane.
    boolean suits(Endpoint known, boolean onTrial) {
        return isOn(terms, known) == onTrial;
    }

    /// Whether a session may stay at `pinned`: only a mark calls it away.
    boolean keeps(Endpoint pinned, boolean onTrial) {
        return terms.mark() == null || suits(pinned, onTrial);
    }
}
