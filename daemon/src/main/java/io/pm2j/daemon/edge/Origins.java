package io.pm2j.daemon.edge;

import io.pm2j.daemon.edge.RouteMaker.Outside;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.upstream.OriginSet;
import io.pm2j.proxy.upstream.Upstream;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// The servers outside of pm2j that routes lead to, kept known to their upstreams.
final class Origins {
    private final Proxy proxy;
    private final Map<String, Known> known = new HashMap<>();

    private record Known(Outside what, OriginSet set) {}

    Origins(Proxy proxy) {
        this.proxy = proxy;
    }

    /// Exactly these count from now on, by upstream; those that stay the same are not touched.
    void become(Map<String, Outside> wanted) {
        wanted.forEach((name, what) -> {
            Known old = known.get(name);
            if (old == null || !old.what.equals(what)) {
                Upstream upstream = proxy.upstream(name);
                upstream.describe(upstream.spec().withBalance(what.balance()).withHealth(what.health()));
                if (old != null) {
                    old.set.close();
                }
                known.put(name, new Known(what, OriginSet.of(upstream, what.origins())));
            }
        });
        for (String name : Set.copyOf(known.keySet())) {
            if (!wanted.containsKey(name)) {
                Known gone = known.remove(name);
                if (gone != null) {
                    gone.set.close();
                    proxy.upstream(name).admit(Set.of());
                }
            }
        }
    }
}
