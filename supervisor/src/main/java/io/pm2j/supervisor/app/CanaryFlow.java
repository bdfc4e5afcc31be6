package io.pm2j.supervisor.app;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.supervisor.lifecycle.Wanted;
import io.pm2j.supervisor.traffic.Share;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What may be asked about a canary: to begin one, to give it more, to have it take over, to end it. [Canaries] has the
/// canary itself; here it meets the app that it is beside. Flows on the owner's thread.
final class CanaryFlow {
    private final AppName name;
    private final Turns turns;
    private final Edition edition;
    private final Places places;
    private final Canaries canaries;
    private final AppListeners listeners;
    private final InPlace inPlace;
    private final Reloads reloads;
    private final OfItself ofItself;

    CanaryFlow(
            AppName name,
            Turns turns,
            Edition edition,
            Places places,
            Canaries canaries,
            AppListeners listeners,
            InPlace inPlace,
            Reloads reloads,
            OfItself ofItself) {
        this.name = name;
        this.turns = turns;
        this.edition = edition;
        this.places = places;
        this.canaries = canaries;
        this.listeners = listeners;
        this.inPlace = inPlace;
        this.reloads = reloads;
        this.ofItself = ofItself;
    }

    /// Starts `next` beside what serves.
    boolean begin(AppSpec next, ReloadTerms terms, Share share, Progress progress) throws InterruptedException {
        Optional<String> objection = whyNot(next);
        if (objection.isPresent()) {
            progress.error("App [" + name + "] can have no canary: " + objection.get());
            return false;
        }
        Path in = Placement.now(next);
        int workers = Canary.workers(share, places.instances().size());
        if (!reloads.mayTakeOff(Placement.in(in, next), workers, terms, progress)) {
            return false;
        }
        // A worker of the old version that is started meanwhile is of the old generation.
        Canary canary = new Canary(next, in, edition.following(), terms, share);
        boolean good = canaries.begin(canary, places.instances(), progress);
        if (!good) {
            edition.isSpent(canary.generation);
            listeners.closeUnused(places);
            ofItself.freed();
        }
        return good;
    }

    /// The rest of the rollout; with less than 100 percent another share. When it cannot be begun the canary stays.
    boolean promote(int percent, Progress progress) throws InterruptedException {
        Optional<Canary> open = canaries.present();
        if (open.isEmpty()) {
            return none(progress);
        }
        Canary canary = open.get();
        if (percent < 100) {
            return canaries.share(canary, new Share.Percent(percent), places.instances(), progress);
        }
        AppSpec target =
                canary.spec.draft().instances(edition.spec().instances()).spec();
        List<Instance> all = List.copyOf(places.instances());
        ReloadTerms terms = canary.terms.withoutCanary();
        if (!reloads.mayTakeOff(Placement.in(canary.folder, target), all.size(), terms, progress)) {
            progress.error("The canary of " + name + " (generation " + canary.generation + ") stays open, with "
                    + canary.share());
            return false;
        }
        canary.alone = false;
        // What changed until now is in the promoted version; what changes while it is rolled out may not be.
        Optional<Occasion> overtaken = ofItself.setAside();
        boolean good = reloads.afterPreflight(target, canary.folder, all, terms, progress);
        if (!good) {
            ofItself.putBack(overtaken);
        }
        end();
        return good;
    }

    /// The old workers have everything again.
    boolean abort(Progress progress) throws InterruptedException {
        Optional<Canary> open = canaries.present();
        if (open.isEmpty()) {
            return none(progress);
        }
        end();
        progress.info("The canary of " + name + " (generation " + open.get().generation
                + ") is stopped; the old workers have all requests");
        return true;
    }

    /// Whether an open canary forbids what was asked; that is said then.
    boolean forbids(Progress progress) {
        Optional<String> objection = canaries.objection();
        objection.ifPresent(progress::error);
        return objection.isPresent();
    }

    /// A canary does not outlive the app, and goes when its own places are named.
    void endWith(Set<Integer> pmIds) throws InterruptedException {
        boolean named = pmIds.stream().anyMatch(canaries::has);
        canaries.present().filter(_ -> named).ifPresent(canary -> edition.isSpent(canary.generation));
        boolean nobodyElse = places.instances().stream().noneMatch(i -> i.state.wanted() == Wanted.UP);
        if (named && !nobodyElse) {
            canaries.end();
        } else if (nobodyElse) {
            canaries.present().ifPresent(canaries::leave);
            inPlace.stop(canaries.instances(), Progress.SILENT);
        }
        if (canaries.present().isEmpty()) {
            ofItself.freed();
        }
    }

    /// Ends one that fails, in its turn.
    void watch() {
        canaries.present().ifPresent(canary -> canaries.trouble().ifPresent(why -> endLater(canary, why)));
    }

    /// Ends the canary because of `occasion`, in its turn, when that is about a place of its own.
    ///
    /// @return whether it is
    boolean isHitBy(Occasion occasion) {
        if (occasion.pmIds().stream().noneMatch(canaries::has)) {
            return false;
        }
        canaries.present().ifPresent(canary -> endLater(canary, occasion.reason()));
        return true;
    }

    private void endLater(Canary canary, String why) {
        turns.queue("canary", () -> {
            edition.isSpent(canary.generation);
            boolean ended = canaries.endFailed(canary, why);
            ofItself.freed();
            return ended;
        });
    }

    private void end() throws InterruptedException {
        canaries.present().ifPresent(canary -> edition.isSpent(canary.generation));
        canaries.end();
        listeners.closeUnused(places);
        ofItself.freed();
    }

    private boolean none(Progress progress) {
        progress.error(
                "App [" + name + "] has no open canary (expected: pm2j reload " + name + " --canary 10% before)");
        return false;
    }

    private Optional<String> whyNot(AppSpec next) {
        AppSpec spec = edition.spec();
        if (spec.execMode() != ExecMode.CLUSTER) {
            return Optional.of("it listens by itself, so its requests cannot be divided (expected: cluster mode)");
        }
        if (reloads.listensOtherwise(next)) {
            return Optional.of("the new version changes who listens for it (expected: a reload without --canary)");
        }
        if (!next.program().node() && !next.port().equals(spec.port())) {
            return Optional.of("the new version is reached at " + port(next) + " instead of " + port(spec)
                    + ", so there are no requests to be shared (expected: a reload without --canary)");
        }
        if (spec.rollout().surge() == 0) {
            return Optional.of("no worker of it may run beside another (exclusive, surge 0)");
        }
        return places.instances().stream().anyMatch(i -> i.admitted().isPresent())
                ? Optional.empty()
                : Optional.of("none of its workers is ready (expected: pm2j start " + name + " before)");
    }

    private static String port(AppSpec spec) {
        return spec.port().isPresent() ? "port " + spec.port().getAsInt() : "no port";
    }
}
