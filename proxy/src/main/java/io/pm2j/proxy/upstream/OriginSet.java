package io.pm2j.proxy.upstream;

import io.pm2j.config.Address;
import io.pm2j.config.spec.edge.OriginSpec;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Servers outside of pm2j as the endpoints of an upstream.
///
/// Addresses are endpoints at once. A name is looked up on a thread of its own, away from the loops;
/// every address it has is an endpoint, with its server's weight. It is looked up again from time to time, and
/// when that fails the addresses it had last stay. An endpoint's id is
/// made of its address, so that it stays the same, also when the upstream gets another list.
public final class OriginSet implements AutoCloseable {
    /// Finds the addresses of a name; may block.
    @FunctionalInterface
    public interface Resolver {
        List<InetAddress> resolve(String name) throws UnknownHostException;
    }

    /// As the system does.
    public static final Resolver SYSTEM = name -> List.of(InetAddress.getAllByName(name));

    public static final Duration REFRESH = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(OriginSet.class);
    /// After a name could not be found for the first time; doubling up to the usual time.
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);

    private final Upstream upstream;
    private final List<OriginSpec> origins;
    private final Resolver resolver;
    private final Duration refresh;
    private final Map<String, List<InetAddress>> found = new HashMap<>();
    private boolean closed;
    private @Nullable Thread refreshing;

    private OriginSet(Upstream upstream, List<OriginSpec> origins, Resolver resolver, Duration refresh) {
        this.upstream = upstream;
        this.origins = List.copyOf(origins);
        this.resolver = resolver;
        this.refresh = refresh;
    }

    /// Admits `origins` to `upstream` and keeps them up to date until this is closed. Does not block.
    ///
    /// @throws IllegalArgumentException when one is spoken to over TLS, which is not supported yet
    public static OriginSet of(Upstream upstream, List<OriginSpec> origins) {
        return of(upstream, origins, SYSTEM, REFRESH);
    }

    static OriginSet of(Upstream upstream, List<OriginSpec> origins, Resolver resolver, Duration refresh) {
        for (OriginSpec origin : origins) {
            if (origin.tls()) {
                throw new IllegalArgumentException(
                        "https://" + origin.address() + " is not supported yet (expected: http://host:port)");
            }
        }
        OriginSet set = new OriginSet(upstream, origins, resolver, refresh);
        set.begin();
        return set;
    }

    private synchronized void begin() {
        admit();
        if (origins.stream().anyMatch(o -> name(o.address()) != null)) {
            refreshing = Thread.ofVirtual().name("resolve " + upstream.name()).start(this::keepUp);
        }
    }

    /// The name to look up; null for what is an address already.
    private static @Nullable String name(Address address) {
        return address instanceof Address.Tcp(String host, int port) && literal(host) == null ? host : null;
    }

    private static @Nullable InetAddress literal(String host) {
        try {
            return InetAddress.ofLiteral(host);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private void keepUp() {
        Duration retry = FIRST_RETRY;
        try {
            while (!isClosed()) {
                boolean all = lookUp();
                retry = all ? FIRST_RETRY : retry.multipliedBy(2);
                Thread.sleep(all || retry.compareTo(refresh) > 0 ? refresh : retry);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /// False when a name could not be found.
    private boolean lookUp() {
        boolean all = true;
        for (OriginSpec origin : origins) {
            String name = name(origin.address());
            if (name == null) {
                continue;
            }
            try {
                remember(name, resolver.resolve(name));
            } catch (UnknownHostException e) {
                all = false;
                LOG.warn("{}: {} has no address now: {}", upstream.name(), name, e.getMessage());
            }
        }
        admit();
        return all;
    }

    private synchronized void remember(String name, List<InetAddress> addresses) {
        if (!addresses.isEmpty()) {
            found.put(name, List.copyOf(addresses));
        }
    }

    private synchronized void admit() {
        if (closed) {
            return;
        }
        Map<Address, Integer> weights = new HashMap<>();
        for (OriginSpec origin : origins) {
            addresses(origin.address()).forEach(a -> weights.merge(a, origin.weight(), Integer::sum));
        }
        Set<EndpointSpec> endpoints = new LinkedHashSet<>();
        weights.forEach((address, weight) -> endpoints.add(
                new EndpointSpec(Hash.of(address.toString()), new Origin.At(address), weight, address.toString())));
        upstream.admit(endpoints);
    }

    private List<Address> addresses(Address address) {
        if (!(address instanceof Address.Tcp(String host, int port))) {
            return List.of(address);
        }
        InetAddress known = literal(host);
        List<InetAddress> all = known != null ? List.of(known) : found.getOrDefault(host, List.of());
        return all.stream()
                .<Address>map(a -> new Address.Tcp(a.getHostAddress(), port))
                .distinct()
                .toList();
    }

    /// Looks nothing up any more; the endpoints stay as they are.
    @Override
    public synchronized void close() {
        closed = true;
        Thread running = refreshing;
        if (running != null) {
            running.interrupt();
        }
    }
}
