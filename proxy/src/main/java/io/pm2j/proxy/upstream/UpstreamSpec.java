package io.pm2j.proxy.upstream;

import io.pm2j.config.spec.edge.BalanceSpec;
import io.pm2j.config.spec.edge.HealthSpec;
import java.util.Optional;

/// What an upstream is to be; its endpoints come and go beside it.
///
/// @param health the request that asks each endpoint whether it is well
public record UpstreamSpec(String name, BalanceSpec balance, QueueSpec queue, Optional<HealthSpec> health) {
    /// Everything but the name at its default.
    public static UpstreamSpec named(String name) {
        return new UpstreamSpec(name, BalanceSpec.DEFAULT, QueueSpec.DEFAULT, Optional.empty());
    }

    public UpstreamSpec withBalance(BalanceSpec newBalance) {
        return new UpstreamSpec(name, newBalance, queue, health);
    }

    public UpstreamSpec withQueue(QueueSpec newQueue) {
        return new UpstreamSpec(name, balance, newQueue, health);
    }

    public UpstreamSpec withHealth(Optional<HealthSpec> newHealth) {
        return new UpstreamSpec(name, balance, queue, newHealth);
    }
}
