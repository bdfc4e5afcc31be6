package io.pm2j.daemon.edge;

import io.pm2j.config.Address;
import io.pm2j.config.spec.edge.Cidr;
import io.pm2j.config.spec.edge.ListenerSpec;
import io.pm2j.config.spec.edge.RouteSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the wishes of all files come to: which listeners, and which routes at each. Pure.
///
/// Files may share an http listener: their routes stand side by side, in the order in which the files were taken up.
record EdgePlan(Map<Address, Listening> listeners) {
    /// One listener with all that is served there; `routes` is empty where it is not HTTP's.
    record Listening(ListenerSpec spec, List<FileRoute> routes) {
        /// Whose word on the client is taken by every file that uses it: one file's trust is not another's.
        List<Cidr> trusted() {
            List<Wish> users = routes.stream().map(FileRoute::wish).distinct().toList();
            return users.isEmpty()
                    ? List.of()
                    : users.getFirst().spec().trustedProxies().stream()
                            .filter(block -> users.stream()
                                    .allMatch(
                                            user -> user.spec().trustedProxies().contains(block)))
                            .toList();
        }

        /// One file cannot ask for two, its reader sees to that.
        private void add(FileRoute route) throws EdgeRefused {
            for (FileRoute other : routes) {
                if (other.wish != route.wish && other.spec.match().equals(route.spec.match())) {
                    throw new EdgeRefused(route.wish.file() + " has the route '" + route.spec.name() + "' at "
                            + spec.address() + ", and " + other.wish.file() + " has '" + other.spec.name()
                            + "' there for the same requests (expected: other hosts or paths)");
                }
            }
            routes.add(route);
        }
    }

    /// A route, and the wish that it is of.
    record FileRoute(RouteSpec spec, Wish wish) {}

    /// @throws EdgeRefused when two files want different things at one address, or of the same requests
    static EdgePlan of(List<Wish> wishes) throws EdgeRefused {
        Map<Address, Listening> listeners = new LinkedHashMap<>();
        Map<Address, Path> firstOf = new HashMap<>();
        for (Wish wish : wishes) {
            for (ListenerSpec spec : wish.spec().listeners()) {
                Listening other = listeners.putIfAbsent(spec.address(), new Listening(spec, new ArrayList<>()));
                Path first = firstOf.putIfAbsent(spec.address(), wish.file());
                boolean shared = spec.protocol() == ListenerSpec.Protocol.HTTP;
                if (other != null && !(shared && other.spec.equals(spec))) {
                    throw new EdgeRefused(wish.file() + " asks for " + spec.address() + ", which " + first
                            + " has for something else (expected: another address, or the same http listener)");
                }
            }
            for (RouteSpec route : wish.spec().routes()) {
                for (Listening listening : listeners.values()) {
                    if (route.servedAt(listening.spec.address())) {
                        listening.add(new FileRoute(route, wish));
                    }
                }
            }
        }
        return new EdgePlan(listeners);
    }
}
