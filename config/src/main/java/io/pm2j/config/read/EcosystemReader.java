package io.pm2j.config.read;

import io.pm2j.config.AppName;
import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.AppList.Written;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.config.spec.edge.EdgeFeature;
import io.pm2j.config.spec.edge.EdgeSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Reads ecosystem files: JSON, YAML, JavaScript.
///
/// Top level as with PM2: `{apps: [...]}`, `{pm2: [...]}`, an array of apps, or one app.
public final class EcosystemReader {
    private EcosystemReader() {}

    /// What a file wants: apps, and of the edge what the whole file asks, whichever apps were
    /// chosen. `warnings` name attributes that were left out.
    ///
    /// `watch` is the file's own `config_watch`, where it says so.
    public record ReadApps(
            List<AppSpec> apps,
            EdgeSpec edge,
            EdgeText edgeText,
            Optional<Boolean> watch,
            List<ConfigProblem> warnings) {
        public ReadApps {
            apps = List.copyOf(apps);
            warnings = List.copyOf(warnings);
        }
    }

    /// Whether an argument of `start` names an ecosystem file. PM2 goes by the name too: `.json`,
    /// `.yml`, `.yaml`, `.config.js`, `.config.cjs` and `.config.mjs`, anywhere in it.
    public static boolean looksLikeConfig(String argument) {
        return Format.recognised(argument).isPresent();
    }

    /// Reads `file`. `chosen` picks apps by name (PM2: `--only`), the others may be broken;
    /// `overlay` lies on top of what each app says.
    ///
    /// @throws InvalidConfig with every problem, when there is one
    public static ReadApps read(Path file, Caller caller, Predicate<String> chosen, AppOptions overlay)
            throws InvalidConfig {
        return read(file, caller, chosen, overlay, EdgeFeature.built());
    }

    /// As above; `named` hears of other files whose contents count.
    static ReadApps read(Path file, Caller caller, Predicate<String> chosen, AppOptions overlay, Consumer<Path> named)
            throws InvalidConfig {
        return read(document(file, caller), file, caller, chosen, overlay, EdgeFeature.built(), named);
    }

    /// Reads JSON that came another way than in a file; `source` names it. PM2: `start -`.
    ///
    /// @throws InvalidConfig with every problem, when there is one
    public static ReadApps readText(
            String source, String json, Caller caller, Predicate<String> chosen, AppOptions overlay)
            throws InvalidConfig {
        return read(
                NodeReader.json(json, source), Path.of(source), caller, chosen, overlay, EdgeFeature.built(), _ -> {});
    }

    /// `supported` is what may be asked of the edge.
    static ReadApps read(
            Path file, Caller caller, Predicate<String> chosen, AppOptions overlay, Set<EdgeFeature> supported)
            throws InvalidConfig {
        return read(document(file, caller), file, caller, chosen, overlay, supported, _ -> {});
    }

    private static ReadApps read(
            Node document,
            Path file,
            Caller caller,
            Predicate<String> chosen,
            AppOptions overlay,
            Set<EdgeFeature> supported,
            Consumer<Path> named)
            throws InvalidConfig {
        String source = file.toString();
        Problems problems = new Problems(source);
        Problems warnings = new Problems(source);
        List<AppSpec> specs = new ArrayList<>();
        Map<AppName, Written> seen = new HashMap<>();
        List<Written> all = AppList.of(document, problems, warnings);
        EdgeReader.Asked asked = new EdgeReader.Asked(AppList.edge(document), new ArrayList<>(), new LinkedHashSet<>());
        for (Written written : all) {
            AppOptions options = written.options().overlaidBy(overlay);
            Optional<String> name = AppSpecs.writtenName(options);
            if (name.filter(chosen.negate()).isPresent()) {
                named(name.get()).ifPresent(other -> asksOfEdge(other, options, asked));
                continue;
            }
            Caller from = place(options, file, caller);
            NamedFiles.ofApp(options, from, named);
            Optional<AppSpec> spec = AppSpecs.resolve(options, written.at().at(), from, problems);
            spec.map(AppSpec::name)
                    .or(() -> name.flatMap(EcosystemReader::named))
                    .ifPresent(known -> asksOfEdge(known, options, asked));
            if (spec.isPresent() && chosen.test(spec.get().name().text())) {
                specs.add(spec.get());
                Written before = seen.putIfAbsent(spec.get().name(), written);
                if (before != null) {
                    problems.add(nameAt(written), options.path(), sameName(spec.get(), before));
                }
                warnOfMissingEnv(written, caller, warnings);
            }
        }
        DependencyReader.check(specs, asked.apps(), seen, problems);
        Path folder = caller.cwd().resolve(file).toAbsolutePath().resolveSibling("");
        Reading reading = new Reading(problems, warnings, supported, caller.cwd(), folder);
        EdgeSpec edge = EdgeReader.read(asked, reading);
        NamedFiles.ofEdge(edge, named);
        Optional<Boolean> watch = AppList.watch(document).flatMap(node -> reading.flag(node, "config_watch"));
        specs.replaceAll(spec -> edge.leadsTo(spec.name()) ? behindEdge(spec, seen, problems) : spec);
        problems.throwIfAny();
        if (specs.isEmpty()) {
            throw new InvalidConfig(ConfigProblem.of(source, "", "no app of that name is in the file"));
        }
        return new ReadApps(specs, edge, EdgeText.of(asked, reading), watch, warnings.all());
    }

    /// An app to which routes lead runs in cluster mode, so that its workers are reached by nobody else: as if it said
    /// so itself.
    private static AppSpec behindEdge(AppSpec spec, Map<AppName, Written> written, Problems problems) {
        Written own = written.get(spec.name());
        if (spec.execMode() == ExecMode.FORK
                && own != null
                && own.options().of(Attribute.EXEC_MODE).isPresent()) {
            problems.add(
                    nameAt(own),
                    own.options().path(),
                    "routes lead to " + spec.name()
                            + ", which runs in fork mode (expected: exec_mode cluster, or none)");
        }
        return spec.draft().execMode(ExecMode.CLUSTER).spec();
    }

    private static void asksOfEdge(AppName app, AppOptions options, EdgeReader.Asked asked) {
        asked.apps().add(app);
        String path = options.path().isEmpty() ? "edge" : options.path() + ".edge";
        options.of(Attribute.EDGE).ifPresent(node -> asked.ofApps().add(new EdgeReader.OfApp(app, path, node)));
    }

    private static Optional<AppName> named(String text) {
        try {
            return Optional.of(new AppName(text));
        } catch (IllegalArgumentException notOne) {
            return Optional.empty();
        }
    }

    /// Relative paths are meant from where the command is typed, as with PM2. What is not there,
    /// but stands beside the file, is meant from the file's folder.
    private static Caller place(AppOptions options, Path file, Caller caller) {
        Path folder =
                caller.cwd().resolve(file).toAbsolutePath().resolveSibling("").normalize();
        Attribute says = options.of(Attribute.CWD).isPresent() ? Attribute.CWD : Attribute.SCRIPT;
        if (!(options.of(says).orElse(null) instanceof Node.Text(Node.Position _, String path))) {
            return caller;
        }
        boolean here =
                ScriptFinder.path(caller.cwd(), path).filter(Files::exists).isPresent();
        boolean beside = ScriptFinder.path(folder, path).filter(Files::exists).isPresent();
        return !here && beside ? caller.at(folder) : caller;
    }

    /// PM2 makes one app of two with one name; which of the two a later `reload` means, nobody
    /// can say.
    private static String sameName(AppSpec spec, Written before) {
        int line = nameAt(before).line();
        return "the name '" + spec.name() + "' is already used by "
                + before.options().path() + (line > 0 ? " in line " + line : "") + " (expected: one app of a name)";
    }

    private static Node.Position nameAt(Written written) {
        return written.options().of(Attribute.NAME).orElse(written.at()).at();
    }

    /// PM2: a warning too; it is usual that apps have no such block, or that none of a file has.
    private static void warnOfMissingEnv(Written written, Caller caller, Problems warnings) {
        caller.envName()
                .filter(name -> !written.options().envs().containsKey(name))
                .ifPresent(name -> warnings.add(
                        written.at().at(), written.options().path(), "there is no env_" + name + " in it"));
    }

    /// The file as written, for what stands in it besides apps, such as `deploy`.
    ///
    /// @throws InvalidConfig when it cannot be read
    public static Node document(Path file, Caller caller) throws InvalidConfig {
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
        return switch (Format.of(source)) {
            case JSON -> NodeReader.json(text(path, source), source);
            case YAML -> NodeReader.yaml(text(path, source), source);
            case JAVASCRIPT -> JavaScriptFile.evaluate(file, caller);
        };
    }

    private static String text(Path path, String source) throws InvalidConfig {
        try {
            return Files.readString(path, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new InvalidConfig(ConfigProblem.of(source, "", "cannot be read as UTF-8 text: " + e.getMessage()));
        }
    }
}
