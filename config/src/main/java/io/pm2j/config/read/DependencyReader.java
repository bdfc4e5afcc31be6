package io.pm2j.config.read;

import io.pm2j.config.AppName;
import io.pm2j.config.read.AppList.Written;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Dependency;
import io.pm2j.config.spec.Dependency.Condition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The attribute `depends_on`: a name, an array of them, or `{db: {condition: ready}}` as compose files have it.
final class DependencyReader {
    private static final String EXPECTED = "expected: a name, an array of names, or {db: {condition: 'ready'}}";
    private static final Map<String, Condition> CONDITIONS = conditions();

    private DependencyReader() {}

    /// What is told apart; compose's own words mean the same.
    private static Map<String, Condition> conditions() {
        Map<String, Condition> all = new LinkedHashMap<>();
        all.put("ready", Condition.READY);
        all.put("started", Condition.STARTED);
        all.put("service_healthy", Condition.READY);
        all.put("service_started", Condition.STARTED);
        return all;
    }

    static List<Dependency> read(Values values) {
        Node node = values.node(Attribute.DEPENDS_ON).orElse(null);
        return switch (node) {
            case null -> List.of();
            case Node.Obj(Node.Position _, Map<String, Node> fields, var _) -> {
                List<Dependency> all = new ArrayList<>();
                fields.forEach((name, how) -> add(all, name, condition(name, how, values), values));
                yield all;
            }
            case Node.Text _, Node.Num _, Node.Arr _ -> {
                List<Dependency> all = new ArrayList<>();
                values.words(Attribute.DEPENDS_ON).forEach(name -> add(all, name, Condition.READY, values));
                yield all;
            }
            case Node.Bool _, Node.Nul _ -> {
                values.problem(Attribute.DEPENDS_ON, node.shown() + " (" + EXPECTED + ")");
                yield List.of();
            }
        };
    }

    private static void add(List<Dependency> to, String name, Condition condition, Values values) {
        try {
            AppName app = new AppName(name);
            if (to.stream().noneMatch(one -> one.app().equals(app))) {
                to.add(new Dependency(app, condition));
            }
        } catch (IllegalArgumentException e) {
            values.problem(Attribute.DEPENDS_ON, e.getMessage() + " (" + EXPECTED + ")");
        }
    }

    private static Condition condition(String name, Node how, Values values) {
        if (how instanceof Node.Nul) {
            return Condition.READY;
        }
        if (how instanceof Node.Text(Node.Position _, String word) && CONDITIONS.containsKey(word)) {
            return CONDITIONS.get(word);
        }
        if (how instanceof Node.Obj(Node.Position _, Map<String, Node> fields, var _)
                && fields.keySet().stream().allMatch("condition"::equals)) {
            Node condition = fields.get("condition");
            if (condition == null) {
                return Condition.READY;
            }
            if (condition instanceof Node.Text(Node.Position _, String word) && CONDITIONS.containsKey(word)) {
                return CONDITIONS.get(word);
            }
            values.problem(
                    Attribute.DEPENDS_ON, name + ": condition " + condition.shown() + " (expected: started or ready)");
            return Condition.READY;
        }
        values.problem(
                Attribute.DEPENDS_ON, name + ": " + how.shown() + " (expected: {condition: 'started' or 'ready'})");
        return Condition.READY;
    }

    /// Names that the file does not have, and circles. `names` are those of all its apps, chosen or not.
    static void check(Collection<AppSpec> apps, Set<AppName> names, Map<AppName, Written> written, Problems problems) {
        for (AppSpec app : apps) {
            Written own = written.get(app.name());
            if (own == null || app.dependsOn().isEmpty()) {
                continue;
            }
            Node.Position at =
                    own.options().of(Attribute.DEPENDS_ON).orElse(own.at()).at();
            String path = own.options().path() + ".depends_on";
            for (Dependency one : app.dependsOn()) {
                if (!names.contains(one.app())) {
                    problems.add(at, path, "there is no app '" + one.app() + "' in the file" + meant(one.app(), names));
                }
            }
            List<AppName> circle = Dependency.circle(app, apps);
            if (!circle.isEmpty()) {
                problems.add(
                        at,
                        path,
                        "goes round in a circle: "
                                + circle.stream().map(AppName::text).collect(Collectors.joining(" -> "))
                                + " (expected: an app to begin with)");
            }
        }
    }

    private static String meant(AppName name, Set<AppName> names) {
        return Nearest.to(
                        name.text(), names.stream().map(AppName::text).sorted().toList())
                .map(near -> " (did you mean '" + near + "'?)")
                .orElse("");
    }
}
