package io.pm2j.daemon.control;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.daemon.site.Sites;
import io.pm2j.supervisor.Supervisor;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.Progress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// What is in the list now: apps and sites, and what selectors choose of them.
final class Listed {
    private final Supervisor supervisor;
    private final Sites sites;
    private final Supplier<List<ProcessView>> everything;

    Listed(Supervisor supervisor, Sites sites, Supplier<List<ProcessView>> everything) {
        this.supervisor = supervisor;
        this.sites = sites;
        this.everything = everything;
    }

    List<ProcessView> everything() {
        return everything.get();
    }

    /// Whether it is served by the edge alone.
    boolean isSite(String name) {
        return sites.knows(name);
    }

    /// What selectors choose, everything without one; those that choose nothing are among the unknown.
    Selection chosen(List<String> selectors) {
        return selectors.isEmpty()
                ? new Selection(everything.get(), List.of())
                : Selection.of(selectors, everything.get());
    }

    /// What selectors choose; nothing, with a sentence for each, when one chooses nothing.
    Optional<Selection> known(List<String> selectors, Progress progress) {
        Selection selection = Selection.of(selectors, everything.get());
        for (String unknown : selection.unknown()) {
            progress.error(
                    unknown.equals("all") ? "No process found" : "Process or Namespace " + unknown + " not found");
        }
        return selection.unknown().isEmpty() ? Optional.of(selection) : Optional.empty();
    }

    /// What is to be known of apps before anything else, a line each.
    static List<String> banners(List<ProcessView> views) {
        Set<String> lines = new LinkedHashSet<>();
        for (ProcessView view : views) {
            view.standing()
                    .canary()
                    .ifPresent(open -> lines.add("canary of " + view.name() + ": generation " + open.generation()
                            + " gets " + open.share() + " (pm2j promote " + view.name() + ", or pm2j abort "
                            + view.name() + ")"));
            if (!view.standing().maintenance().isEmpty()) {
                lines.add(view.name() + " is closed for maintenance: "
                        + view.standing().maintenance());
            }
        }
        return List.copyOf(lines);
    }

    /// How many instances an app has, without those of a canary.
    int count(AppName name) {
        return (int) supervisor.processes().stream()
                .filter(v -> v.name().equals(name.text()) && !v.standing().onTrial())
                .count();
    }

    /// What is wanted of the apps of these instances.
    List<AppSpec> specs(List<ProcessView> views) {
        Set<String> names = new LinkedHashSet<>();
        views.forEach(view -> names.add(view.name()));
        List<AppSpec> specs = new ArrayList<>();
        for (String name : names) {
            if (!isSite(name)) {
                supervisor.spec(new AppName(name)).ifPresent(specs::add);
            }
        }
        return specs;
    }
}
