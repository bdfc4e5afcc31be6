package io.pm2j.daemon.traffic;

import io.pm2j.config.Address;
import io.pm2j.proxy.upstream.EndpointSpec;
import io.pm2j.proxy.upstream.Upstream;
import io.pm2j.supervisor.traffic.Endpoint;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// What routes to one app lead to: one endpoint of each of its workers.
record Routed(Upstream upstream) {
    private static final Comparator<Endpoint> LOWEST_PORT = Comparator.<Endpoint>comparingInt(
                    endpoint -> port(endpoint.listener()))
            .thenComparing(endpoint -> endpoint.listener().toString());

    void admit(Set<Endpoint> ready) {
        Map<Long, Endpoint> ofWorkers = new HashMap<>();
        for (Endpoint endpoint : ready) {
            ofWorkers.merge(
                    endpoint.worker(), endpoint, (one, other) -> LOWEST_PORT.compare(one, other) <= 0 ? one : other);
        }
        Set<EndpointSpec> specs = new HashSet<>();
        ofWorkers.values().forEach(endpoint -> specs.add(ProxyTrafficGate.spec(endpoint)));
        upstream.admit(specs);
    }

    private static int port(Address address) {
        return address instanceof Address.Tcp(String _, int port) ? port : Integer.MAX_VALUE;
    }
}
