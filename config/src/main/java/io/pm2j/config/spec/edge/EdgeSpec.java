package io.pm2j.config.spec.edge;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Everything that a file asks of the edge, besides the listeners that apps open themselves.
///
/// No two listeners clash, no two routes share a name, and every address that a route names is an
/// http listener.
///
/// @param trustedProxies whose word on the client's address is taken (`X-Forwarded-For`, PROXY)
public record EdgeSpec(
        List<ListenerSpec> listeners,
        List<RouteSpec> routes,
        List<Cidr> trustedProxies,
        Optional<AccessLogSpec> accessLog) {
    /// Nothing asked: apps are served where they listen.
    public static final EdgeSpec NONE = new EdgeSpec(List.of(), List.of(), List.of(), Optional.empty());

    /// Where routes are served when nobody says where.
    public static final ListenerSpec USUAL_LISTENER = ListenerSpec.http(Address.anyInterface(80));

    public EdgeSpec {
        listeners = List.copyOf(listeners);
        routes = List.copyOf(routes);
        trustedProxies = List.copyOf(trustedProxies);
        Set<Address> http = new HashSet<>();
        for (int i = 0; i < listeners.size(); i++) {
            ListenerSpec one = listeners.get(i);
            boolean alone = listeners.subList(0, i).stream().noneMatch(one::clashesWith);
            Rules.require(alone, "two listeners at " + one.address(), "one");
            if (one.protocol() == ListenerSpec.Protocol.HTTP) {
                http.add(one.address());
            }
        }
        Set<String> names = new HashSet<>();
        for (RouteSpec route : routes) {
            Rules.require(names.add(route.name()), "two routes named " + Rules.quoted(route.name()), "one");
            boolean open = http.containsAll(route.listeners());
            Rules.require(open, "route " + Rules.quoted(route.name()) + " at an address not open", "an http listener");
        }
    }

    /// The routes for requests that come in at an address, in their order.
    public List<RouteSpec> routesAt(Address address) {
        return routes.stream().filter(route -> route.servedAt(address)).toList();
    }

    /// Whether requests go to the workers of `app`.
    public boolean leadsTo(AppName app) {
        ActionSpec there = new ActionSpec.ToApp(app);
        return routes.stream().anyMatch(route -> route.action().equals(there))
                || listeners.stream()
                        .anyMatch(listener ->
                                listener.forward().filter(there::equals).isPresent());
    }

    /// Whether there is nothing to do.
    public boolean none() {
        return equals(NONE);
    }
}
