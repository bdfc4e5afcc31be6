package io.pm2j.daemon.traffic;

import io.pm2j.config.Address;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.admission.Admission;
import io.pm2j.proxy.upstream.EndpointSpec;
import io.pm2j.proxy.upstream.Trial;
import io.pm2j.proxy.upstream.Upstream;
import io.pm2j.supervisor.traffic.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What routes to one app lead to: one endpoint of each of its workers, that with the lowest port where a worker
/// listens at several.
///
/// Routes that say nothing about balance and health share one upstream; each of the others has its own. With them are
/// those of listeners that were closed, as long as something is under way there.
final class AppRoutes {
    private static final Comparator<Endpoint> LOWEST_PORT = Comparator.<Endpoint>comparingInt(
                    endpoint -> port(endpoint.listener()))
            .thenComparing(endpoint -> endpoint.listener().toString());

    private final Proxy proxy;
    private final String name;
    private final Map<String, Known> counting = new HashMap<>();
    /// Made for what may come to count.
    private final Map<String, Upstream> fresh = new HashMap<>();
    private final Leaving leaving;
    private Set<EndpointSpec> admitted = Set.of();
    private boolean expected = true;
    private @Nullable Trial trial;
    private @Nullable Admission closure;
    private Optional<Duration> holdFor;

    private record Known(AppUpstreams.Wanted as, Upstream upstream) {}

    /// `closure` and `holdFor` are what was said before there were routes.
    AppRoutes(Proxy proxy, String name, Leaving leaving, Optional<Admission> closure, Optional<Duration> holdFor) {
        this.proxy = proxy;
        this.name = name;
        this.leaving = leaving;
        this.closure = closure.orElse(null);
        this.holdFor = holdFor;
    }

    private String named(AppUpstreams.Wanted wanted) {
        return wanted.usual() ? name : name + ", route " + wanted.route();
    }

    synchronized Upstream of(AppUpstreams.Wanted wanted) {
        String own = named(wanted);
        Known known = counting.get(own);
        return known == null ? fresh.computeIfAbsent(own, proxy::upstream) : known.upstream;
    }

    /// Exactly these count from now on; those that stay the same are not touched.
    synchronized void become(Set<AppUpstreams.Wanted> all) {
        Map<String, Known> next = new HashMap<>();
        for (AppUpstreams.Wanted wanted : all) {
            next.computeIfAbsent(named(wanted), _ -> new Known(wanted, of(wanted)));
        }
        next.forEach((own, wanted) -> {
            Known before = counting.get(own);
            Upstream upstream = wanted.upstream;
            if (before == null || !before.as.equals(wanted.as)) {
                upstream.describe(
                        upstream.spec().withBalance(wanted.as.balance()).withHealth(wanted.as.health()));
            }
            if (before == null) {
                holdFor.ifPresent(limit -> ProxyTrafficGate.hold(upstream, limit));
                upstream.admit(admitted, trial);
                upstream.close(closure);
                upstream.expect(expected);
                fresh.remove(own);
            }
        });
        fresh.values().forEach(leaving::drop);
        fresh.clear();
        counting.forEach((own, known) -> {
            if (!next.containsKey(own)) {
                leave(known.upstream);
            }
        });
        counting.clear();
        counting.putAll(next);
    }

    private void leave(Upstream upstream) {
        leaving.add(upstream, ready -> upstream.admit(ofEachWorker(ready)));
    }

    /// The listener at `address` has been closed, with `upstream` behind it.
    synchronized void closed(Address address, Upstream upstream) {
        leaving.add(upstream, ready -> upstream.admit(ProxyTrafficGate.at(address, ready)));
    }

    synchronized void expect(boolean somebody) {
        expected = somebody;
        counting.values().forEach(known -> known.upstream.expect(somebody));
    }

    /// Whether a worker may come soon.
    synchronized boolean expecting() {
        return expected;
    }

    /// Requests wait so long for a worker.
    synchronized void hold(Duration limit) {
        holdFor = Optional.of(limit);
        counting.values().forEach(known -> ProxyTrafficGate.hold(known.upstream, limit));
    }

    /// Lets nobody in but whom `maintenance` lets in; null opens it again.
    synchronized void close(@Nullable Admission maintenance) {
        closure = maintenance;
        counting.values().forEach(known -> known.upstream.close(maintenance));
    }

    synchronized void admit(Set<Endpoint> ready, @Nullable Trial onTrial) {
        admitted = ofEachWorker(ready);
        trial = onTrial;
        counting.values().forEach(known -> known.upstream.admit(admitted, onTrial));
        leaving.admit(ready);
    }

    private static Set<EndpointSpec> ofEachWorker(Set<Endpoint> ready) {
        Map<Long, Endpoint> ofWorkers = new HashMap<>();
        for (Endpoint endpoint : ready) {
            ofWorkers.merge(
                    endpoint.worker(), endpoint, (one, other) -> LOWEST_PORT.compare(one, other) <= 0 ? one : other);
        }
        Set<EndpointSpec> specs = new HashSet<>();
        ofWorkers.values().forEach(endpoint -> specs.add(ProxyTrafficGate.spec(endpoint)));
        return specs;
    }

    /// Of every upstream that may have something of the app's workers under way.
    synchronized List<Upstream> upstreams() {
        List<Upstream> all = new ArrayList<>(leaving.upstreams());
        counting.values().forEach(known -> all.add(known.upstream));
        return all;
    }

    /// Whether nothing would be lost with it.
    synchronized boolean unused() {
        return expected
                && admitted.isEmpty()
                && counting.isEmpty()
                && fresh.isEmpty()
                && leaving.upstreams().isEmpty();
    }

    private static int port(Address address) {
        return address instanceof Address.Tcp(String _, int port) ? port : Integer.MAX_VALUE;
    }
}
