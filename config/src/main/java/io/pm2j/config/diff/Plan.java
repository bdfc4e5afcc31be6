package io.pm2j.config.diff;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.edge.EdgeSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/// All that makes what a file wants of what runs. `edge` tells of listeners and routes, one line a change.
public record Plan(List<AppChange> apps, List<String> edge) {
    public Plan {
        apps = List.copyOf(apps);
        edge = List.copyOf(edge);
    }

    /// `ofFile` are the apps that came from the file before: of those, what it no longer names goes. What the caller's
    /// shell says is nobody's change, as with PM2: running apps keep what they were started with.
    public static Plan of(
            Collection<Running> running, Set<AppName> ofFile, List<Wanted> wanted, EdgeSpec before, EdgeSpec after) {
        Map<AppName, Running> known =
                running.stream().collect(Collectors.toMap(one -> one.spec().name(), Function.identity()));
        List<AppChange> changes = new ArrayList<>();
        Set<AppName> left = new TreeSet<>(ofFile);
        for (Wanted one : wanted) {
            Running now = known.get(one.spec().name());
            left.remove(one.spec().name());
            if (now == null) {
                changes.add(new AppChange.Added(one.spec()));
            } else {
                AppChange.between(now, keepingCaller(now.spec(), one)).ifPresent(changes::add);
            }
        }
        left.stream().filter(known::containsKey).forEach(name -> changes.add(new AppChange.Removed(name)));
        return new Plan(changes, EdgeDiff.lines(before, after));
    }

    private static Wanted keepingCaller(AppSpec running, Wanted wanted) {
        return new Wanted(
                wanted.spec()
                        .draft()
                        .environment(wanted.spec()
                                .environment()
                                .withCaller(running.environment().caller()))
                        .spec(),
                wanted.folder());
    }

    /// Whether all is as it is wanted.
    public boolean nothing() {
        return apps.isEmpty() && edge.isEmpty();
    }

    public List<AppSpec> added() {
        return apps.stream()
                .filter(AppChange.Added.class::isInstance)
                .map(change -> ((AppChange.Added) change).spec())
                .toList();
    }

    public List<AppChange.Changed> changed() {
        return apps.stream()
                .filter(AppChange.Changed.class::isInstance)
                .map(AppChange.Changed.class::cast)
                .toList();
    }

    public List<AppName> removed() {
        return apps.stream()
                .filter(AppChange.Removed.class::isInstance)
                .map(AppChange::name)
                .toList();
    }

    /// For people, one change a line.
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        apps.forEach(change -> lines.addAll(change.lines()));
        lines.addAll(edge);
        return lines;
    }

    static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
