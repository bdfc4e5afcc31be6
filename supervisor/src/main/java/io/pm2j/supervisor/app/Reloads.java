package io.pm2j.supervisor.app;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.supervisor.lifecycle.Wanted;
import java.nio.file.Path;
import java.util.List;

/// One version of an app comes in the place of another: by a [Rollout] where that can be, [InPlace] where the app
/// listens by itself, and from nothing where somebody else is to listen for it. Flows on the owner's thread.
final class Reloads {
    private final AppName name;
    private final Rollout.Stage stage;
    private final Edition edition;
    private final Places places;
    private final AppListeners listeners;
    private final InPlace inPlace;

    Reloads(
            AppName name,
            Rollout.Stage stage,
            Edition edition,
            Places places,
            AppListeners listeners,
            InPlace inPlace) {
        this.name = name;
        this.stage = stage;
        this.edition = edition;
        this.places = places;
        this.listeners = listeners;
        this.inPlace = inPlace;
    }

    /// Reloads `chosen` to `newSpec`, run in the folder `in`.
    boolean to(AppSpec newSpec, Path in, List<Instance> chosen, ReloadTerms terms, Progress progress)
            throws InterruptedException {
        return mayTakeOff(Placement.in(in, newSpec), chosen.size(), terms, progress)
                && afterPreflight(newSpec, in, chosen, terms, progress);
    }

    /// As [#to], where [#mayTakeOff] was asked before.
    boolean afterPreflight(AppSpec newSpec, Path in, List<Instance> chosen, ReloadTerms terms, Progress progress)
            throws InterruptedException {
        if (listensOtherwise(newSpec)) {
            progress.warn("App [" + name + "] changes who listens for it, so it cannot be replaced without a gap");
            return beginAnew(newSpec, progress);
        }
        edition.adopt(newSpec, in, progress);
        if (newSpec.execMode() == ExecMode.FORK && newSpec.port().isPresent()) {
            progress.warn("App [" + name + "] listens by itself (fork mode), so it is stopped and started; with"
                    + " instances it is behind the edge, and a reload has no gap");
        }
        return renew(chosen, terms, "", progress);
    }

    /// Without a gap where the app can, else in place. `reason` is as in [Rollout].
    boolean renew(List<Instance> chosen, ReloadTerms terms, String reason, Progress progress)
            throws InterruptedException {
        if (edition.spec().execMode() != ExecMode.CLUSTER) {
            return inPlace.restart(chosen, progress);
        }
        if (!listeners.openFixed(edition.spec(), progress)) {
            edition.goBack(edition.generation(), progress);
            return false;
        }
        int before = edition.generation();
        edition.next();
        return rollOver(chosen, before, terms, reason, progress);
    }

    /// As [#renew] without a gap, by workers of the present generation.
    boolean renewAsItIs(List<Instance> chosen, String reason, Progress progress) throws InterruptedException {
        return listeners.openFixed(edition.spec(), progress)
                && rollOver(chosen, edition.generation(), ReloadTerms.USUAL, reason, progress);
    }

    /// Stops everything, gives the ports back, and starts as `newSpec` says.
    boolean beginAnew(AppSpec newSpec, Progress progress) throws InterruptedException {
        List<Instance> up = places.instances().stream()
                .filter(i -> i.state.wanted() == Wanted.UP)
                .toList();
        inPlace.stop(places.instances(), Progress.SILENT);
        listeners.close();
        edition.adopt(newSpec, progress);
        boolean good = inPlace.start(up, progress);
        up.forEach(instance -> progress.info("[" + name + "](" + instance.pmId + ") " + (good ? "✓" : "✘")));
        return good;
    }

    /// Whether with `other` somebody else listens: the edge instead of the program, or the other way round.
    boolean listensOtherwise(AppSpec other) {
        return other.execMode() != edition.spec().execMode()
                || other.program().node() != edition.spec().program().node();
    }

    /// Nothing is touched when the pre-flight objects, unless somebody insists.
    boolean mayTakeOff(AppSpec newSpec, int workers, ReloadTerms terms, Progress progress) {
        List<String> objections = Preflight.objections(newSpec, workers);
        for (String objection : objections) {
            if (terms.force()) {
                progress.warn(objection);
            } else {
                progress.error("App [" + name + "] was not reloaded: " + objection);
            }
        }
        return objections.isEmpty() || terms.force();
    }

    /// Ready, admit, drain, signal, and back to generation `before`, which was proven, when it fails. The reason was
    /// said then.
    private boolean rollOver(List<Instance> chosen, int before, ReloadTerms terms, String reason, Progress progress)
            throws InterruptedException {
        Rollout rollout = new Rollout(name, stage, terms, reason, progress);
        try {
            switch (rollout.run(chosen)) {
                case Rollout.Outcome.Done _ -> {
                    edition.prove();
                    return true;
                }
                case Rollout.Outcome.Failed(String why) -> {
                    boolean goesBack = stage.cutShort().isEmpty();
                    edition.goBack(before, progress);
                    if (goesBack) {
                        rollout.undo(chosen, worker -> worker.generation > before);
                        chosen.forEach(instance -> instance.lastReason = why);
                    }
                    return false;
                }
            }
        } finally {
            rollout.finish();
            listeners.closeUnused(places);
        }
    }
}
