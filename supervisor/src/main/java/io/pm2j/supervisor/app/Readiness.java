package io.pm2j.supervisor.app;

import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;

/// What counts as ready, by the strongest signal that a worker can give. Pure.
final class Readiness {
    private Readiness() {}

    /// Whether a worker may be given its first request.
    static boolean isReady(AppSpec spec, Worker worker) {
        if (worker.exited()) {
            return false;
        }
        if (spec.waitReady()) {
            return worker.saidReady();
        }
        return spec.execMode() == ExecMode.CLUSTER ? !worker.listensOn().isEmpty() : worker.up();
    }

    /// Whether a new worker can do at once all that the old one does.
    static boolean coversDuties(AppSpec spec, Worker fresh, Worker old) {
        if (old.listensOn().isEmpty() && !spec.waitReady()) {
            return livesOn(spec, fresh);
        }
        return isReady(spec, fresh) && fresh.listensOn().containsAll(old.listensOn());
    }

    /// Whether it is known how a start went: ready, or up for `min_uptime` where readiness is not to be had (a cluster
    /// worker that serves nobody).
    static boolean settled(AppSpec spec, Worker worker) {
        return isReady(spec, worker) || !spec.waitReady() && worker.privatePort.isEmpty() && livesOn(spec, worker);
    }

    private static boolean livesOn(AppSpec spec, Worker worker) {
        return !worker.exited() && worker.up() && worker.uptime().compareTo(spec.minUptime()) >= 0;
    }
}
