package io.pm2j.daemon.traffic;

import io.pm2j.config.Address;
import io.pm2j.config.spec.edge.BalanceSpec;
import io.pm2j.config.spec.edge.HealthSpec;
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
/// Routes that say nothing about balance and health share one upstream; each of the others has its own.
final class AppRoutes {
    private static final Comparator<Endpoint> LOWEST_PORT = Comparator.<Endpoint>comparingInt(
                    endpoint -> port(endpoint.listener()))
            .thenComparing(endpoint -> endpoint.listener().toString());

    private final Proxy proxy;
    private final String name;
    private final Map<String, Upstream> upstreams = new HashMap<>();
    private Set<EndpointSpec> admitted = Set.of();
    private @Nullable Trial trial;
    private @Nullable Admission closure;
    private Optional<Duration> holdFor = Optional.empty();

    AppRoutes(Proxy proxy, String name) {
        this.proxy = proxy;
        this.name = name;
    }

    synchronized Upstream upstream(String route, BalanceSpec balance, Optional<HealthSpec> health) {
        boolean usual = balance.equals(BalanceSpec.DEFAULT) && health.isEmpty();
        String own = usual ? name : name + ", route " + route;
        Upstream upstream = upstreams.computeIfAbsent(own, proxy::upstream);
        upstream.describe(upstream.spec().withBalance(balance).withHealth(health));
        holdFor.ifPresent(limit -> ProxyTrafficGate.hold(upstream, limit));
        upstream.admit(admitted, trial);
        upstream.close(closure);
        return upstream;
    }

    /// Requests wait so long for a worker.
    synchronized void hold(Duration limit) {
        holdFor = Optional.of(limit);
        upstreams.values().forEach(upstream -> ProxyTrafficGate.hold(upstream, limit));
    }

    /// Lets nobody in but whom `maintenance` lets in; null opens it again.
    synchronized void close(@Nullable Admission maintenance) {
        closure = maintenance;
        upstreams.values().forEach(upstream -> upstream.close(maintenance));
    }

    synchronized void admit(Set<Endpoint> ready, @Nullable Trial onTrial) {
        Map<Long, Endpoint> ofWorkers = new HashMap<>();
        for (Endpoint endpoint : ready) {
            ofWorkers.merge(
                    endpoint.worker(), endpoint, (one, other) -> LOWEST_PORT.compare(one, other) <= 0 ? one : other);
        }
        Set<EndpointSpec> specs = new HashSet<>();
        ofWorkers.values().forEach(endpoint -> specs.add(ProxyTrafficGate.spec(endpoint)));
        admitted = specs;
        trial = onTrial;
        upstreams.values().forEach(upstream -> upstream.admit(specs, onTrial));
    }

    synchronized List<Upstream> upstreams() {
        return new ArrayList<>(upstreams.values());
    }

    private static int port(Address address) {
        return address instanceof Address.Tcp(String _, int port) ? port : Integer.MAX_VALUE;
    }
}
