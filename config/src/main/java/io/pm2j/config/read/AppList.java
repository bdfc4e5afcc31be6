package io.pm2j.config.read;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Finds the apps in a document: `{apps: [...]}`, `{pm2: [...]}`, an array of apps, or one app.
final class AppList {
    private static final String ENV_PREFIX = "env_";
    private static final List<String> TOP_LEVEL = List.of("apps", "pm2");
    private static final String NO_APPS = "there are no apps in it (expected: 'apps', an array of apps)";

    private final Problems problems;
    private final Problems warnings;

    private AppList(Problems problems, Problems warnings) {
        this.problems = problems;
        this.warnings = warnings;
    }

    /// One app as written, and where it begins.
    record Written(AppOptions options, Node at) {}

    /// What is wrong goes to `problems`, what is left out to `warnings`.
    static List<Written> of(Node document, Problems problems, Problems warnings) {
        return new AppList(problems, warnings).topLevel(document);
    }

    /// What the document itself asks of the edge. Beside one app alone, `edge` is that app's.
    static Optional<Node> edge(Node document) {
        return ofDocument(document, "edge");
    }

    /// Whether the file is to be watched, as the document itself says.
    static Optional<Node> watch(Node document) {
        return ofDocument(document, "config_watch");
    }

    private static Optional<Node> ofDocument(Node document, String field) {
        return document instanceof Node.Obj(Node.Position _, Map<String, Node> fields, var _)
                        && TOP_LEVEL.stream().anyMatch(fields::containsKey)
                ? Optional.ofNullable(fields.get(field))
                : Optional.empty();
    }

    private List<Written> topLevel(Node document) {
        return switch (document) {
            case Node.Arr(Node.Position _, List<Node> elements) -> list(document, elements, "");
            case Node.Obj object -> topLevel(object);
            case Node.Nul _ -> none(document, "", NO_APPS);
            case Node.Text _, Node.Num _, Node.Bool _ ->
                none(document, "", document.shown() + " (expected: an object with 'apps')");
        };
    }

    private List<Written> topLevel(Node.Obj document) {
        Map<String, Node> fields = document.fields();
        Optional<String> key = TOP_LEVEL.stream().filter(fields::containsKey).findFirst();
        if (key.isEmpty()) {
            return fields.keySet().stream().anyMatch(AppList::namesScript)
                    ? List.of(app(document, ""))
                    : none(document, "", NO_APPS + meant(document));
        }
        if (fields.containsKey("static")) {
            warnings.add(
                    document.nameAt("static"),
                    "",
                    "static is not read and was left out (expected: pm2j serve, or an edge route with static)");
        }
        Node apps = fields.getOrDefault(key.get(), document);
        return switch (apps) {
            case Node.Arr(Node.Position _, List<Node> elements) -> list(apps, elements, key.get());
            case Node.Obj _ -> List.of(app(apps, key.get()));
            case Node.Text _, Node.Num _, Node.Bool _, Node.Nul _ ->
                none(apps, key.get(), apps.shown() + " (expected: an array of apps)");
        };
    }

    private static boolean namesScript(String field) {
        return Attribute.named(field).equals(Optional.of(Attribute.SCRIPT));
    }

    private static String meant(Node.Obj document) {
        for (String field : document.fields().keySet()) {
            Optional<String> near = Nearest.to(field, List.of("apps", "script"));
            if (near.isPresent()) {
                return " (there is '" + field + "': did you mean '" + near.get() + "'?)";
            }
        }
        return "";
    }

    private List<Written> none(Node at, String path, String sentence) {
        problems.add(at.at(), path, sentence);
        return List.of();
    }

    private List<Written> list(Node array, List<Node> elements, String path) {
        if (elements.isEmpty()) {
            return none(array, path, NO_APPS);
        }
        List<Written> apps = new ArrayList<>();
        for (int i = 0; i < elements.size(); i++) {
            apps.add(app(elements.get(i), path + "[" + i + "]"));
        }
        return apps;
    }

    private Written app(Node node, String path) {
        Map<Attribute, Node> values = new EnumMap<>(Attribute.class);
        Map<String, Node> envs = new LinkedHashMap<>();
        if (node instanceof Node.Obj object) {
            object.fields().forEach((name, value) -> {
                Node.Position at = object.nameAt(name);
                Optional<Attribute> attribute = Attribute.named(name);
                if (attribute.isPresent()) {
                    if (values.putIfAbsent(attribute.get(), value) != null) {
                        problems.add(
                                at, path, "'" + name + "' means the same as another attribute here (expected: one)");
                    }
                } else if (Attribute.ofPm2Only(name)) {
                    leftOut(name, value, at, path);
                } else if (name.startsWith(ENV_PREFIX) && name.length() > ENV_PREFIX.length()) {
                    envs.put(name.substring(ENV_PREFIX.length()), value);
                } else {
                    problems.add(at, path, "unknown attribute '" + name + "'" + nearest(name));
                }
            });
        } else {
            problems.add(node.at(), path, node.shown() + " (expected: an app, that is an object)");
        }
        return new Written(new AppOptions(problems.source(), path, values, envs), node);
    }

    /// `watch: false` asks for nothing that is missing, so it needs no warning.
    private void leftOut(String name, Node value, Node.Position at, String path) {
        boolean asksForNothing = switch (value) {
            case Node.Nul _ -> true;
            case Node.Bool(Node.Position _, boolean on) -> on == Attribute.onWithoutSaying(name);
            case Node.Text _, Node.Num _, Node.Obj _, Node.Arr _ -> false;
        };
        if (!asksForNothing) {
            warnings.add(at, path, name + " is PM2's and means nothing to pm2j: it was left out");
        }
    }

    private static String nearest(String name) {
        return Attribute.nearest(name)
                .map(near -> " (did you mean '" + near + "'?)")
                .orElse("");
    }
}
