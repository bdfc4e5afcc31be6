package io.pm2j.supervisor.app;

import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;

/// What counts as ready, by the strongest signal that a worker can give. Pure.
final class Readiness {
    private Readiness() {}

    /// Whether a worker runs, as far as can be told without asking whether it serves.
    static boolean isUp(AppSpec spec, Worker worker) {
        return spec.ready().waitForMessage() ? worker.saidReady() : worker.up();
    }

    /// Whether a worker may be given its first request.
    static boolean isReady(AppSpec spec, Worker worker) {
        return seemsReady(spec, worker)
                && (spec.rollout().warmUp().isEmpty() || !worker.serves() || worker.warmUp() == Worker.WarmUp.DONE);
    }

    /// Whether a worker is to be asked before it is ready, and was not yet.
    static boolean wantsWarmUp(AppSpec spec, Worker worker) {
        return spec.rollout().warmUp().isPresent()
                && worker.warmUp() == Worker.WarmUp.NOT_BEGUN
                && worker.serves()
                && seemsReady(spec, worker);
    }

    private static boolean seemsReady(AppSpec spec, Worker worker) {
        if (worker.exited()) {
            return false;
        }
        if (spec.ready().waitForMessage()) {
            return worker.saidReady();
        }
        return spec.execMode() == ExecMode.CLUSTER ? worker.serves() : worker.up();
    }

    /// Whether a new worker can do at once all that the old one does.
    static boolean coversDuties(AppSpec spec, Worker fresh, Worker old) {
        if (!old.serves() && !spec.ready().waitForMessage()) {
            return livesOn(spec, fresh);
        }
        boolean ownPort = fresh.privatePort.isPresent();
        return isReady(spec, fresh)
                && fresh.receivesAt().containsAll(old.receivesAt())
                && (ownPort || fresh.listensOn().containsAll(old.listensOn()));
    }

    /// Whether it is known how a start went: ready, or up for `min_uptime` where readiness is not to be had (a cluster
    /// worker that serves nobody).
    static boolean settled(AppSpec spec, Worker worker) {
        return isReady(spec, worker)
                || !spec.ready().waitForMessage() && worker.privatePort.isEmpty() && livesOn(spec, worker);
    }

    private static boolean livesOn(AppSpec spec, Worker worker) {
        return !worker.exited()
                && worker.up()
                && worker.uptime().compareTo(spec.restart().minUptime()) >= 0;
    }
}
