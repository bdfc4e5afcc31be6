package io.pm2j.config.spec;

import io.pm2j.config.AppName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Another app that has to be there before this one is started.
public record Dependency(AppName app, Condition condition) {
    /// How far the other one has to be.
    public enum Condition {
        /// Its processes run.
        STARTED,
        /// It is ready: the word of its `wait_ready`, its listening, or its staying up.
        READY
    }

    /// The apps so that each stands behind those of them on which it depends; else in the order given. Pure.
    public static List<AppSpec> ordered(Collection<AppSpec> apps) {
        Map<AppName, AppSpec> byName = new HashMap<>();
        apps.forEach(app -> byName.put(app.name(), app));
        List<AppSpec> ordered = new ArrayList<>();
        Set<AppName> seen = new HashSet<>();
        apps.forEach(app -> visit(app, byName, seen, ordered));
        return ordered;
    }

    private static void visit(AppSpec app, Map<AppName, AppSpec> byName, Set<AppName> seen, List<AppSpec> ordered) {
        if (seen.add(app.name())) {
            for (Dependency one : app.dependsOn()) {
                AppSpec other = byName.get(one.app());
                if (other != null) {
                    visit(other, byName, seen, ordered);
                }
            }
            ordered.add(app);
        }
    }

    /// The same in steps: what is in one step depends on nothing in it or behind it. Pure.
    public static List<List<AppSpec>> steps(Collection<AppSpec> apps) {
        Map<AppName, Integer> depths = new HashMap<>();
        List<List<AppSpec>> steps = new ArrayList<>();
        for (AppSpec app : ordered(apps)) {
            int depth = app.dependsOn().stream()
                    .mapToInt(one -> depths.getOrDefault(one.app(), -1) + 1)
                    .max()
                    .orElse(0);
            depths.put(app.name(), depth);
            while (steps.size() <= depth) {
                steps.add(new ArrayList<>());
            }
            steps.get(depth).add(app);
        }
        return steps;
    }

    /// A way from `from` over what it depends on back to itself; empty when there is none. Pure.
    public static List<AppName> circle(AppSpec from, Collection<AppSpec> apps) {
        Map<AppName, AppSpec> byName = new HashMap<>();
        apps.forEach(app -> byName.put(app.name(), app));
        return way(from, from.name(), byName, new HashSet<>());
    }

    private static List<AppName> way(AppSpec at, AppName to, Map<AppName, AppSpec> byName, Set<AppName> seen) {
        for (Dependency one : at.dependsOn()) {
            if (one.app().equals(to)) {
                return List.of(at.name(), to);
            }
            AppSpec next = byName.get(one.app());
            List<AppName> rest = next == null || !seen.add(one.app()) ? List.of() : way(next, to, byName, seen);
            if (!rest.isEmpty()) {
                List<AppName> way = new ArrayList<>(List.of(at.name()));
                way.addAll(rest);
                return way;
            }
        }
        return List.of();
    }
}
