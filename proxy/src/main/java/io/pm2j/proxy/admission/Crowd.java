package io.pm2j.proxy.admission;

import io.pm2j.config.spec.edge.LimitSpec;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The requests of a route at once: together, and of each client.
final class Crowd {
    private final int most;
    private final AtomicInteger all = new AtomicInteger();
    private final @Nullable ClientCounts clients;

    Crowd(LimitSpec limits) {
        most = limits.connections().orElse(Integer.MAX_VALUE);
        clients = limits.perClient().isPresent()
                ? new ClientCounts(limits.perClient().getAsInt())
                : null;
    }

    static boolean isLimited(LimitSpec limits) {
        return limits.connections().isPresent() || limits.perClient().isPresent();
    }

    /// Whether there was a place in all; [#leaveAll] gives it back.
    boolean enterAll() {
        int now = all.get();
        while (now < most) {
            int seen = all.compareAndExchange(now, now + 1);
            if (seen == now) {
                return true;
            }
            now = seen;
        }
        return false;
    }

    void leaveAll() {
        all.getAndDecrement();
    }

    /// A ticket of somebody for whom [#enterAll] found a place; null when the client has as many
    /// as it may.
    @Nullable
    Ticket enter(long client) {
        if (clients == null) {
            return new Ticket(this::leaveAll);
        }
        ClientCounts counts = clients;
        int slot = counts.enter(ClientHash.of(client));
        if (slot == ClientCounts.FULL) {
            return null;
        }
        return new Ticket(() -> {
            counts.leave(slot);
            leaveAll();
        });
    }

    int size() {
        return all.get();
    }
}
