package io.pm2j.daemon.edge;

import io.pm2j.config.Address;
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
    record Listening(ListenerSpec spec, List<FileRoute> routes) {}

    /// A route, and the wish that it is of.
    record FileRoute(RouteSpec spec, Wish wish) {}

    /// @throws EdgeRefused when two files want different things at one address, or of one name
    static EdgePlan of(List<Wish> wishes) throws EdgeRefused {
        Map<Address, Listening> listeners = new LinkedHashMap<>();
        Map<Address, Path> firstOf = new HashMap<>();
        Map<String, Path> names = new HashMap<>();
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
                Path other = names.putIfAbsent(route.name(), wish.file());
                if (other != null) {
                    throw new EdgeRefused(wish.file() + " has a route named '" + route.name() + "', and so has " + other
                            + " (expected: another name)");
                }
                listeners.forEach((address, listening) -> {
                    if (route.servedAt(address)) {
                        listening.routes.add(new FileRoute(route, wish));
                    }
                });
            }
        }
        return new EdgePlan(listeners);
    }
}
