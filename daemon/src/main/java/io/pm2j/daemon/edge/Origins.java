package io.pm2j.daemon.edge;

import io.pm2j.daemon.edge.RouteMaker.Outside;
import io.pm2j.daemon.traffic.Leaving;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.upstream.OriginSet;
import io.pm2j.proxy.upstream.Upstream;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// The servers outside of pm2j that routes lead to, kept known to their upstreams.
final class Origins {
    private final Proxy proxy;
    private final Leaving leaving;
    private final Map<String, Known> known = new HashMap<>();

    private record Known(Outside what, Upstream upstream, OriginSet set) {}

    Origins(Proxy proxy, Leaving leaving) {
        this.proxy = proxy;
        this.leaving = leaving;
    }

    /// Exactly these count from now on, by upstream; those that stay the same are not touched. What is under way to
    /// those that go is answered.
    void become(Map<String, Outside> wanted) {
        wanted.forEach((name, what) -> {
            Known old = known.get(name);
            if (old == null || !old.what.equals(what)) {
                Upstream upstream = proxy.upstream(name);
                upstream.describe(upstream.spec().withBalance(what.balance()).withHealth(what.health()));
                OriginSet set = OriginSet.of(upstream, what.origins());
                if (old != null) {
                    old.set.close();
                }
                known.put(name, new Known(what, upstream, set));
            }
        });
        for (String name : Set.copyOf(known.keySet())) {
            if (!wanted.containsKey(name)) {
                Known gone = known.remove(name);
                if (gone != null) {
                    gone.set.close();
                    leaving.add(gone.upstream);
                }
            }
        }
    }

    /// What was made for `unwanted` and never counted is forgotten.
    void refuse(Map<String, Outside> unwanted) {
        unwanted.keySet().stream()
                .filter(name -> !known.containsKey(name))
                .forEach(name -> leaving.drop(proxy.upstream(name)));
    }
}
