package io.pm2j.config.read;

import io.pm2j.config.AppName;
import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.spec.AppSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Reads ecosystem files: JSON, YAML, JavaScript.
///
/// Top level as with PM2: `{apps: [...]}`, `{pm2: [...]}`, an array of apps, or one app.
public final class EcosystemReader {
    private static final String ENV_PREFIX = "env_";
    private static final List<String> TOP_LEVEL = List.of("apps", "pm2");

    private EcosystemReader() {}

    /// What a file wants; `warnings` name attributes that were left out.
    public record ReadApps(List<AppSpec> apps, List<ConfigProblem> warnings) {
        public ReadApps {
            apps = List.copyOf(apps);
            warnings = List.copyOf(warnings);
        }
    }

    /// Whether an argument of `start` names an ecosystem file. PM2 goes by these endings too.
    public static boolean looksLikeConfig(String argument) {
        String name = argument.toLowerCase(Locale.ROOT);
        return name.endsWith(".json")
                || name.endsWith(".json5")
                || name.endsWith(".yml")
                || name.endsWith(".yaml")
                || name.endsWith(".config.js")
                || name.endsWith(".config.cjs")
                || name.endsWith(".config.mjs");
    }

    /// Reads `file`. `chosen` picks apps by name (PM2: `--only`); `overlay` lies on top of what each app says.
    ///
    /// @throws InvalidConfig with every problem, when there is one
    public static ReadApps read(Path file, Caller caller, Predicate<String> chosen, AppOptions overlay)
            throws InvalidConfig {
        String source = file.toString();
        Node document = document(file, caller);
        Problems problems = new Problems(source);
        List<ConfigProblem> warnings = new ArrayList<>();
        List<AppOptions> apps = apps(document, source, problems, warnings);
        caller.envName().ifPresent(name -> checkEnvName(name, apps, source, problems, warnings));
        // PM2: paths in the file are meant from the file's folder.
        Path folder =
                caller.cwd().resolve(file).toAbsolutePath().resolveSibling("").normalize();
        Caller there = new Caller(folder, caller.env(), caller.processors(), caller.envName());
        List<AppSpec> specs = new ArrayList<>();
        Map<AppName, String> seen = new HashMap<>();
        for (AppOptions app : apps) {
            AppSpecs.resolve(app.overlaidBy(overlay), there, problems).ifPresent(spec -> {
                String before = seen.putIfAbsent(spec.name(), app.path());
                if (before != null) {
                    problems.add(ConfigProblem.of(
                            source, app.path(), "the name " + spec.name() + " is already used by " + before));
                }
                if (chosen.test(spec.name().text())) {
                    specs.add(spec);
                }
            });
        }
        problems.throwIfAny();
        if (specs.isEmpty()) {
            throw new InvalidConfig(ConfigProblem.of(source, "", "no app of that name is in the file"));
        }
        return new ReadApps(specs, warnings);
    }

    /// An app without the chosen block is worth a warning (PM2); a file without it is a slip.
    private static void checkEnvName(
            String name, List<AppOptions> apps, String source, Problems problems, List<ConfigProblem> warnings) {
        if (apps.stream().noneMatch(app -> app.envs().containsKey(name))) {
            problems.add(ConfigProblem.of(source, "", "no app has an env_" + name + " (--env chose it)"));
            return;
        }
        for (AppOptions app : apps) {
            if (!app.envs().containsKey(name)) {
                warnings.add(ConfigProblem.of(source, app.path(), "there is no env_" + name + " in it"));
            }
        }
    }

    private static Node document(Path file, Caller caller) throws InvalidConfig {
        Path path = caller.cwd().resolve(file);
        String source = file.toString();
        if (!Files.exists(path)) {
            throw new InvalidConfig(ConfigProblem.of(source, "", "File " + file + " not found"));
        }
        if (Files.isDirectory(path)) {
            throw new InvalidConfig(ConfigProblem.of(source, "", "is a directory (expected: an ecosystem file)"));
        }
        if (!Files.isReadable(path)) {
            throw new InvalidConfig(ConfigProblem.of(source, "", "is not readable by this user"));
        }
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.endsWith("js")) {
            return JavaScriptFile.evaluate(path, caller);
        }
        String text;
        try {
            text = Files.readString(path, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new InvalidConfig(ConfigProblem.of(source, "", "cannot be read as UTF-8 text: " + e.getMessage()));
        }
        return name.endsWith(".yml") || name.endsWith(".yaml")
                ? NodeReader.yaml(text, source)
                : NodeReader.json(text, source);
    }

    private static List<AppOptions> apps(
            Node document, String source, Problems problems, List<ConfigProblem> warnings) {
        return switch (document) {
            case Node.Arr(Node.Position _, List<Node> elements) -> list(elements, "", source, problems, warnings);
            case Node.Obj(Node.Position _, Map<String, Node> fields) -> {
                Optional<String> key =
                        TOP_LEVEL.stream().filter(fields::containsKey).findFirst();
                if (key.isEmpty()) {
                    yield List.of(app(document, "", source, problems, warnings));
                }
                Node apps = fields.getOrDefault(key.get(), document);
                yield switch (apps) {
                    case Node.Arr(Node.Position _, List<Node> elements) ->
                        list(elements, key.get(), source, problems, warnings);
                    case Node.Obj _ -> List.of(app(apps, key.get(), source, problems, warnings));
                    case Node.Text _, Node.Num _, Node.Bool _, Node.Nul _ -> {
                        problems.add(apps, key.get(), apps.shown() + " (expected: an array of apps)");
                        yield List.of();
                    }
                };
            }
            case Node.Text _, Node.Num _, Node.Bool _, Node.Nul _ -> {
                problems.add(document, "", document.shown() + " (expected: an object with apps)");
                yield List.of();
            }
        };
    }

    private static List<AppOptions> list(
            List<Node> elements, String path, String source, Problems problems, List<ConfigProblem> warnings) {
        if (elements.isEmpty()) {
            problems.add(ConfigProblem.of(source, path, "there is no app in it (expected: at least one)"));
        }
        List<AppOptions> apps = new ArrayList<>();
        for (int i = 0; i < elements.size(); i++) {
            apps.add(app(elements.get(i), path + "[" + i + "]", source, problems, warnings));
        }
        return apps;
    }

    private static AppOptions app(
            Node node, String path, String source, Problems problems, List<ConfigProblem> warnings) {
        Map<Attribute, Node> values = new EnumMap<>(Attribute.class);
        Map<String, Node> envs = new LinkedHashMap<>();
        if (!(node instanceof Node.Obj(Node.Position _, Map<String, Node> fields))) {
            problems.add(node, path, node.shown() + " (expected: an app, that is an object)");
            return AppOptions.none(source, path);
        }
        fields.forEach((key, value) -> {
            String where = path.isEmpty() ? key : path + "." + key;
            Optional<Attribute> attribute = Attribute.named(key);
            if (attribute.isPresent()) {
                if (values.put(attribute.get(), value) != null) {
                    problems.add(
                            value, where, "means the same as another attribute given here (expected: one of them)");
                }
            } else if (Attribute.notYet(key)) {
                warnings.add(ConfigProblem.of(source, where, "is not supported yet and was left out"));
            } else if (key.startsWith(ENV_PREFIX) && key.length() > ENV_PREFIX.length()) {
                envs.put(key.substring(ENV_PREFIX.length()), value);
            } else {
                String hint = Attribute.nearest(key)
                        .map(near -> " (did you mean '" + near + "'?)")
                        .orElse("");
                problems.add(value, where, "unknown attribute '" + key + "'" + hint);
            }
        });
        return new AppOptions(source, path, values, envs);
    }
}
