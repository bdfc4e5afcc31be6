package io.pm2j.config.read;

import io.pm2j.config.AppName;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.spec.edge.EdgeFeature;
import io.pm2j.config.spec.edge.EdgeSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a file asks of the edge, as text that can be sent and kept, and is read again on the
/// other side.
///
/// It is the file's own words, not another format of [EdgeSpec]: so there is one reader, and a
/// text that was kept by an older version is understood as a file of that time would be.
///
/// @param json an object with `edge` and `apps`, these with `name` and `edge`; empty for nothing
/// @param folder from where relative paths are meant
/// @param beside the folder of the file, for what is only there
public record EdgeText(String json, Path folder, Path beside) {
    private static final String SOURCE = "edge";

    public static EdgeText none(Path folder) {
        return new EdgeText("", folder, folder);
    }

    static EdgeText of(EdgeReader.Asked asked, Reading reading) {
        if (asked.top().isEmpty() && asked.ofApps().isEmpty()) {
            return none(reading.folder());
        }
        List<Node> apps = new ArrayList<>();
        for (AppName name : asked.apps()) {
            Map<String, Node> app = new LinkedHashMap<>();
            app.put("name", Node.text(name.text()));
            asked.ofApps().stream().filter(one -> one.app().equals(name)).forEach(one -> app.put("edge", one.node()));
            apps.add(object(app));
        }
        Map<String, Node> all = new LinkedHashMap<>();
        asked.top().ifPresent(top -> all.put("edge", top));
        all.put("apps", new Node.Arr(Node.Position.UNKNOWN, apps));
        return new EdgeText(JsonText.of(object(all)), reading.folder(), reading.beside());
    }

    private static Node.Obj object(Map<String, Node> fields) {
        return new Node.Obj(Node.Position.UNKNOWN, fields, Map.of());
    }

    /// What it asks.
    ///
    /// @throws InvalidConfig with every problem; none when the text was made by this version
    public EdgeSpec spec() throws InvalidConfig {
        return spec(EdgeFeature.built());
    }

    EdgeSpec spec(Set<EdgeFeature> supported) throws InvalidConfig {
        if (json.isEmpty()) {
            return EdgeSpec.NONE;
        }
        Problems problems = new Problems(SOURCE);
        Reading reading = new Reading(problems, new Problems(SOURCE), supported, folder, beside);
        Node document = NodeReader.printed(json, SOURCE);
        Optional<EdgeReader.Asked> asked =
                reading.keys(document, "", "an object with apps").map(keys -> asked(keys, reading));
        EdgeSpec spec = asked.map(all -> EdgeReader.read(all, reading)).orElse(EdgeSpec.NONE);
        problems.throwIfAny();
        return spec;
    }

    private static EdgeReader.Asked asked(Keys keys, Reading reading) {
        EdgeReader.Asked asked = new EdgeReader.Asked(keys.of("edge"), new ArrayList<>(), new LinkedHashSet<>());
        keys.of("apps")
                .ifPresent(apps -> reading.list(apps, "apps", (node, path) -> {
                    Optional<Keys> app = reading.keys(node, path, "an app");
                    app.flatMap(one -> one.text("name"))
                            .flatMap(name -> reading.made(node, path, () -> new AppName(name)))
                            .ifPresent(name -> {
                                asked.apps().add(name);
                                app.flatMap(one -> one.of("edge"))
                                        .ifPresent(edge ->
                                                asked.ofApps().add(new EdgeReader.OfApp(name, path + ".edge", edge)));
                            });
                    return app;
                }));
        return asked;
    }

    /// Leaves the text out: it may hold passwords.
    @Override
    public String toString() {
        return "EdgeText[" + json.length() + " characters]";
    }
}
