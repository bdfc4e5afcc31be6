package io.pm2j.daemon.edge;

import io.pm2j.config.Address;
import io.pm2j.config.spec.edge.Cidr;
import io.pm2j.config.spec.edge.ListenerSpec;
import io.pm2j.config.spec.edge.ListenerSpec.Protocol;
import io.pm2j.config.spec.edge.RouteSpec;
import io.pm2j.config.spec.edge.TlsSpec.KeyFiles;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the wishes of all files come to: which listeners, and which routes at each. Pure.
///
/// Files may share an http listener: their routes stand side by side, in the order in which the files were taken up.
record EdgePlan(Map<Place, Listening> listeners) {
    /// Where something listens: a port of datagrams is another than the same of streams.
    record Place(Address address, boolean datagrams) {
        static Place of(ListenerSpec spec) {
            return new Place(spec.address(), spec.protocol() == Protocol.UDP);
        }
    }

    /// A route, and the wish that it is of.
    record FileRoute(RouteSpec spec, Wish wish) {}

    /// One listener with all that is served there; `routes` is empty where it is not HTTP's, `keyFiles` where no TLS is
    /// spoken.
    record Listening(ListenerSpec spec, Wish first, List<FileRoute> routes, Set<KeyFiles> keyFiles) {
        /// Whose word on the client is taken by every file that is served here: one file's trust is not another's.
        List<Cidr> trusted() {
            return first.spec().trustedProxies().stream()
                    .filter(block -> routes.stream()
                            .allMatch(
                                    route -> route.wish.spec().trustedProxies().contains(block)))
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

    /// @throws EdgeRefused when two files want different things at one address, or of the same requests
    static EdgePlan of(List<Wish> wishes) throws EdgeRefused {
        Map<Place, Listening> listeners = new LinkedHashMap<>();
        for (Wish wish : wishes) {
            for (ListenerSpec spec : wish.spec().listeners()) {
                Listening fresh = new Listening(spec, wish, new ArrayList<>(), new LinkedHashSet<>());
                Listening other = listeners.putIfAbsent(Place.of(spec), fresh);
                boolean shared = spec.protocol() == Protocol.HTTP;
                if (other != null && !(shared && other.spec.sameDoor(spec))) {
                    throw new EdgeRefused(wish.file() + " asks for " + spec.address() + ", which "
                            + other.first.file()
                            + " has for something else (expected: another address, or the same http listener)");
                }
                Listening here = other == null ? fresh : other;
                spec.tls().ifPresent(tls -> here.keyFiles.addAll(tls.certificates()));
            }
            for (RouteSpec route : wish.spec().routes()) {
                for (Listening listening : listeners.values()) {
                    if (listening.spec.protocol() == Protocol.HTTP && route.servedAt(listening.spec.address())) {
                        listening.add(new FileRoute(route, wish));
                    }
                }
            }
        }
        return new EdgePlan(listeners);
    }
}
