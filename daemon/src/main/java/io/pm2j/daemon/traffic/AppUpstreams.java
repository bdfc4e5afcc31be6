package io.pm2j.daemon.traffic;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.edge.BalanceSpec;
import io.pm2j.config.spec.edge.HealthSpec;
import io.pm2j.proxy.upstream.Upstream;
import java.util.Optional;
import java.util.Set;

/// What leads from the edge's routes to the apps' workers.
public interface AppUpstreams {
    /// What one route wants: an app's workers, chosen and watched in its own way.
    record Wanted(AppName app, String route, BalanceSpec balance, Optional<HealthSpec> health) {
        /// Whether it is content with what all routes of the app get.
        boolean usual() {
            return balance.equals(BalanceSpec.DEFAULT) && health.isEmpty();
        }
    }

    /// The upstream for that, also of an app that is not there yet. It is not touched before it counts.
    Upstream of(Wanted wanted);

    /// Exactly `all` count from now on. What nobody wants any more ends when nothing is under way there.
    void become(Set<Wanted> all);
}
