package io.pm2j.daemon.control;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Dependency;
import io.pm2j.daemon.site.Sites;
import io.pm2j.supervisor.Supervisor;
import io.pm2j.supervisor.control.ControlRequest;
import io.pm2j.supervisor.control.ControlRequest.Verb;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/// Does something to apps and sites that are in the list.
final class ActDesk {
    private final Supervisor supervisor;
    private final Sites sites;
    private final Listed listed;
    private final MaintenanceDesk maintenance;

    ActDesk(Supervisor supervisor, Sites sites, Listed listed, MaintenanceDesk maintenance) {
        this.supervisor = supervisor;
        this.sites = sites;
        this.listed = listed;
        this.maintenance = maintenance;
    }

    boolean act(ControlRequest.Act request, Notes notes) throws InterruptedException, IOException {
        Verb verb = request.verb();
        Optional<Selection> selection = listed.known(request.selectors(), notes);
        if (selection.isEmpty()) {
            return false;
        }
        boolean good = true;
        for (Map.Entry<String, Set<Integer>> app : inOrder(verb, selection.get().byApp())) {
            announce(verb, app, notes);
            good &= listed.isSite(app.getKey())
                    ? actOnSite(verb, app.getValue(), notes)
                    : actOnApp(request, new AppName(app.getKey()), app.getValue(), notes);
        }
        return good;
    }

    /// What others depend on comes before them, and goes after them.
    private List<Map.Entry<String, Set<Integer>>> inOrder(Verb verb, Map<String, Set<Integer>> apps) {
        List<Map.Entry<String, Set<Integer>>> entries = new ArrayList<>(apps.entrySet());
        List<AppSpec> specs = entries.stream()
                .filter(entry -> !listed.isSite(entry.getKey()))
                .flatMap(entry -> supervisor.spec(new AppName(entry.getKey())).stream())
                .toList();
        if (specs.stream().allMatch(spec -> spec.dependsOn().isEmpty())) {
            return entries;
        }
        List<String> order = Dependency.ordered(specs).stream()
                .map(spec -> spec.name().text())
                .toList();
        entries.sort(Comparator.comparingInt(entry -> order.indexOf(entry.getKey())));
        return verb == Verb.STOP || verb == Verb.DELETE ? entries.reversed() : entries;
    }

    /// Starts what is stopped once what it depends on is there.
    private boolean start(AppName name, Set<Integer> pmIds, Optional<AppSpec> renewed, Notes notes)
            throws InterruptedException {
        Optional<AppSpec> spec = renewed.or(() -> supervisor.spec(name));
        Optional<String> objection = spec.isEmpty() ? Optional.empty() : supervisor.awaitDependencies(spec.get());
        objection.ifPresent(notes::error);
        return objection.isEmpty() && supervisor.restart(name, pmIds, renewed, notes);
    }

    /// Restarts or reloads with other specs, and makes the numbers of instances what those say.
    boolean amend(ControlRequest.Amend request, Notes notes) throws InterruptedException, IOException {
        Optional<Selection> selection = listed.known(request.selectors(), notes);
        if (selection.isEmpty()) {
            return false;
        }
        Map<String, AppSpec> specs =
                request.specs().stream().collect(Collectors.toMap(s -> s.name().text(), s -> s, (a, _) -> a));
        Set<String> chosen = selection.get().byApp().keySet();
        if (!chosen.containsAll(specs.keySet())) {
            return rename(selection.get().byApp(), List.copyOf(specs.values()), notes);
        }
        boolean good = true;
        for (Map.Entry<String, Set<Integer>> app : selection.get().byApp().entrySet()) {
            AppSpec spec = specs.get(app.getKey());
            if (spec == null) {
                notes.error(app.getKey() + ": nothing can be changed of it");
                good = false;
                continue;
            }
            announce(request.reload() ? Verb.RELOAD : Verb.RESTART, app, notes);
            good &= amend(spec, app.getValue(), request, notes);
        }
        return good;
    }

    /// One app, whole, takes another name with its restart; its ids stay.
    private boolean rename(Map<String, Set<Integer>> chosen, List<AppSpec> specs, Notes notes)
            throws InterruptedException, IOException {
        Map.Entry<String, Set<Integer>> app = chosen.entrySet().iterator().next();
        AppSpec spec = specs.getFirst();
        AppName former = new AppName(app.getKey());
        boolean whole = chosen.size() == 1
                && specs.size() == 1
                && listed.count(former) == app.getValue().size();
        if (!whole) {
            notes.error("--name " + spec.name() + ": a name is that of a whole app (expected: one app, all of it)");
            return false;
        }
        if (listed.everything().stream()
                .anyMatch(v -> v.name().equals(spec.name().text()))) {
            notes.error("--name " + spec.name() + ": there is an app of that name");
            return false;
        }
        announce(Verb.RESTART, app, notes);
        maintenance.follow(former, spec.name(), notes);
        try {
            return supervisor.rename(former, spec, notes);
        } finally {
            if (supervisor.knows(former)) {
                maintenance.unfollow(spec.name());
            }
        }
    }

    private boolean amend(AppSpec spec, Set<Integer> pmIds, ControlRequest.Amend request, Notes notes)
            throws InterruptedException {
        boolean good = request.reload()
                ? supervisor.reload(spec.name(), pmIds, Optional.of(spec), request.terms(), notes)
                : supervisor.restart(spec.name(), pmIds, Optional.of(spec), notes);
        boolean otherCount = spec.instances().isPresent() && listed.count(spec.name()) != spec.instanceCount();
        return good && otherCount ? supervisor.scale(spec.name(), spec.instanceCount(), notes) : good;
    }

    private static void announce(Verb verb, Map.Entry<String, Set<Integer>> app, Notes notes) {
        if (verb == Verb.RESET) {
            app.getValue().forEach(pmId -> notes.info("Resetting meta for process id " + pmId));
            return;
        }
        notes.info("Applying action " + action(verb) + " on app [" + app.getKey() + "](ids: "
                + app.getValue().stream().map(String::valueOf).collect(Collectors.joining(", ", "[ ", " ]")) + ")");
    }

    private boolean actOnApp(ControlRequest.Act request, AppName name, Set<Integer> pmIds, Notes notes)
            throws InterruptedException {
        Optional<AppSpec> renewed = request.newEnv()
                .flatMap(variables -> supervisor
                        .spec(name)
                        .map(spec -> spec.draft()
                                .environment(spec.environment().withCaller(variables))
                                .spec()));
        return switch (request.verb()) {
            case START -> start(name, pmIds, renewed, notes);
            case RESTART -> supervisor.restart(name, pmIds, renewed, notes);
            case RELOAD -> supervisor.reload(name, pmIds, renewed, request.terms(), notes);
            case STOP -> supervisor.stop(name, pmIds, notes);
            case DELETE -> supervisor.delete(name, pmIds, notes);
            case RESET -> supervisor.reset(name, pmIds);
            case PAUSE -> supervisor.hold(name, true, notes);
            case RESUME -> supervisor.hold(name, false, notes);
        };
    }

    private boolean actOnSite(Verb verb, Set<Integer> pmIds, Notes notes) throws InterruptedException, IOException {
        for (int pmId : pmIds) {
            switch (verb) {
                case START, RESTART, RELOAD -> sites.restart(pmId);
                case STOP -> sites.stop(pmId);
                case DELETE -> sites.delete(pmId);
                case RESET -> {
                    // a site has no process that could have been restarted
                    continue;
                }
                case PAUSE, RESUME -> {
                    notes.error("[" + pmId + "] is served by the edge itself: it has no requests to hold");
                    return false;
                }
            }
            notes.info("[" + pmId + "] ✓");
        }
        return true;
    }

    private static String action(Verb verb) {
        return switch (verb) {
            case START, RESTART -> "restartProcessId";
            case RELOAD -> "reloadProcessId";
            case STOP -> "stopProcessId";
            case DELETE -> "deleteProcessId";
            case RESET -> "resetMetaProcessId";
            case PAUSE -> "pause";
            case RESUME -> "resume";
        };
    }

    boolean rollBack(ControlRequest.RollBack request, Notes notes) throws InterruptedException {
        String app = request.app();
        return isApp(app, notes) && supervisor.rollBack(new AppName(app), request.generation(), notes);
    }

    boolean promote(String app, int percent, Notes notes) throws InterruptedException {
        return isApp(app, notes) && supervisor.promote(new AppName(app), percent, notes);
    }

    boolean abort(String app, Notes notes) throws InterruptedException {
        return isApp(app, notes) && supervisor.abort(new AppName(app), notes);
    }

    /// Whether it is the name of an app; says so when not.
    boolean isApp(String name, Notes notes) {
        boolean known = !listed.isSite(name)
                && listed.everything().stream().anyMatch(v -> v.name().equals(name));
        if (!known) {
            notes.error("Application " + name + " not found");
        }
        return known;
    }

    boolean scale(String app, String amount, Notes notes) throws InterruptedException {
        AppName name;
        try {
            name = new AppName(app);
        } catch (IllegalArgumentException e) {
            notes.error("Application " + app + " not found");
            return false;
        }
        if (!supervisor.knows(name)) {
            notes.error("Application " + app + " not found");
            return false;
        }
        int present = listed.count(name);
        OptionalInt wanted = ScaleAmount.resolve(amount, present);
        if (wanted.isEmpty()) {
            notes.error(
                    "scale " + app + " " + amount + ": expected a number of instances, +N or -N, at least 1 in all");
            return false;
        }
        if (wanted.getAsInt() == present) {
            notes.error("Nothing to do");
            return false;
        }
        notes.info((wanted.getAsInt() > present ? "Scaling up" : "Scaling down") + " application");
        return supervisor.scale(name, wanted.getAsInt(), notes);
    }
}
