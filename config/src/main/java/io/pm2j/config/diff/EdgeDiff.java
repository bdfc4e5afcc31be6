package io.pm2j.config.diff;

import io.pm2j.config.spec.edge.EdgeSpec;
import io.pm2j.config.spec.edge.ListenerSpec;
import io.pm2j.config.spec.edge.RouteSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What stands between two wishes of a file for the edge, as lines: listeners by address, routes by name.
final class EdgeDiff {
    private final List<String> lines = new ArrayList<>();

    private EdgeDiff() {}

    static List<String> lines(EdgeSpec before, EdgeSpec after) {
        EdgeDiff diff = new EdgeDiff();
        diff.listeners(before, after);
        diff.routes(before, after);
        if (!before.trustedProxies().equals(after.trustedProxies())) {
            diff.lines.add("~ edge: trusted_proxies");
        }
        if (!before.accessLog().equals(after.accessLog())) {
            diff.lines.add("~ edge: access_log");
        }
        return List.copyOf(diff.lines);
    }

    private void listeners(EdgeSpec before, EdgeSpec after) {
        Map<String, ListenerSpec> old = byName(before.listeners(), EdgeDiff::place);
        Map<String, ListenerSpec> now = byName(after.listeners(), EdgeDiff::place);
        now.forEach((place, spec) -> {
            ListenerSpec known = old.get(place);
            if (known == null) {
                lines.add("+ listener " + place);
            } else if (!known.equals(spec)) {
                lines.add("~ listener " + place);
            }
        });
        old.keySet().stream()
                .filter(place -> !now.containsKey(place))
                .forEach(place -> lines.add("- listener " + place));
    }

    private void routes(EdgeSpec before, EdgeSpec after) {
        Map<String, RouteSpec> old = byName(before.routes(), RouteSpec::name);
        Map<String, RouteSpec> now = byName(after.routes(), RouteSpec::name);
        now.forEach((name, spec) -> {
            RouteSpec known = old.get(name);
            if (known == null) {
                lines.add("+ route " + name);
            } else if (!known.equals(spec)) {
                lines.add("~ route " + name + ": " + parts(known, spec));
            }
        });
        old.keySet().stream().filter(name -> !now.containsKey(name)).forEach(name -> lines.add("- route " + name));
        List<String> kept = old.keySet().stream().filter(now::containsKey).toList();
        if (!kept.equals(now.keySet().stream().filter(old::containsKey).toList())) {
            lines.add("~ edge: order of routes");
        }
    }

    /// Names alone: headers and passwords are secrets.
    private static String parts(RouteSpec before, RouteSpec after) {
        List<String> parts = new ArrayList<>();
        add(parts, "listeners", before.listeners(), after.listeners());
        add(parts, "match", before.match(), after.match());
        add(parts, "target", before.action(), after.action());
        add(parts, "policy", before.policy(), after.policy());
        return String.join(", ", parts);
    }

    private static void add(List<String> parts, String name, Object before, Object after) {
        if (!before.equals(after)) {
            parts.add(name);
        }
    }

    private static String place(ListenerSpec spec) {
        return spec.address() + " (" + spec.protocol().name().toLowerCase(Locale.ROOT) + ")";
    }

    private static <T> Map<String, T> byName(List<T> all, Function<T, String> name) {
        return all.stream().collect(Collectors.toMap(name, one -> one, (a, _) -> a, LinkedHashMap::new));
    }
}
