package io.pm2j.supervisor.app;

import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.RestartSpec;
import io.pm2j.supervisor.lifecycle.Phase;
import io.pm2j.supervisor.traffic.Share;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A new version on trial beside the old one: what it runs, its places, and its share of the requests.
/// Confined to the owner of its app.
final class Canary {
    final AppSpec spec;
    final Path folder;
    final int generation;
    final ReloadTerms terms;
    final List<Instance> instances = new ArrayList<>();
    private Share share;
    /// Its workers are given requests.
    boolean open;
    /// Whoever asked for it has been answered: from now on it ends by itself when it fails.
    boolean alone;

    Canary(AppSpec spec, Path folder, int generation, ReloadTerms terms, Share share) {
        this.spec = spec;
        this.folder = folder;
        this.generation = generation;
        this.terms = terms;
        this.share = share;
    }

    Share share() {
        return share;
    }

    void share(Share to) {
        share = to;
    }

    /// A worker that ends is not started again: that it ended is the result of the trial.
    RestartSpec rules() {
        RestartSpec usual = spec.restart();
        return new RestartSpec(
                false,
                usual.minUptime(),
                usual.maxUnstable(),
                usual.delay(),
                usual.backoff(),
                usual.finalExitCodes(),
                usual.maxMemoryBytes(),
                usual.cron(),
                usual.watchdog());
    }

    /// Why it cannot go on; nothing when it can.
    Optional<String> failure() {
        for (Instance instance : instances) {
            Phase phase = instance.state.phase();
            boolean starts = phase == Phase.LAUNCHING || phase == Phase.ONLINE;
            if (phase != Phase.READY && !(starts && !open)) {
                return Optional.of(
                        instance.current().isPresent()
                                ? "a worker of it is not ready any more"
                                : "a worker of it ended: " + instance.lastExit);
            }
        }
        return Optional.empty();
    }

    /// How many workers a share needs, beside `instances` old ones: that part of their number, rounded, at
    /// least one.
    static int workers(Share share, int instances) {
        return switch (share) {
            case Share.Percent(int percent) ->
                Math.clamp(Math.round(instances * percent / 100f), 1, Math.max(1, instances));
            case Share.Cookie _ -> 1;
        };
    }
}
