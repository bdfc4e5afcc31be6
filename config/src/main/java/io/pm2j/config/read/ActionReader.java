package io.pm2j.config.read;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.edge.ActionSpec;
import io.pm2j.config.spec.edge.EdgeFeature;
import io.pm2j.config.spec.edge.OriginSpec;
import io.pm2j.config.spec.edge.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Reads what is done with a request: exactly one of `app`, `static`, `redirect`, `upstream` and
/// `respond`.
final class ActionReader {
    private static final List<EdgeFeature> OTHERS =
            List.of(EdgeFeature.STATIC, EdgeFeature.REDIRECT, EdgeFeature.ORIGINS, EdgeFeature.RESPOND);
    private static final int USUAL_REDIRECT = 302;

    private final Reading reading;
    private final Set<AppName> apps;

    /// `apps` are those of the file.
    ActionReader(Reading reading, Set<AppName> apps) {
        this.reading = reading;
        this.apps = apps;
    }

    /// `otherwise` is the app whose route it is. Empty when there is a problem.
    Optional<ActionSpec> read(Keys route, Optional<AppName> otherwise) {
        List<String> said = new ArrayList<>();
        route.of("app").ifPresent(_ -> said.add("app"));
        OTHERS.forEach(other -> route.of(other.key()).ifPresent(_ -> said.add(other.key())));
        if (said.size() > 1) {
            Node second = route.of(said.get(1)).orElse(route.object());
            String sentence = "beside " + said.getFirst() + " (expected: one of the two)";
            reading.problem(second, route.path(said.get(1)), sentence);
            return Optional.empty();
        }
        if (said.isEmpty()) {
            if (otherwise.isEmpty()) {
                reading.problem(
                        route.object(),
                        route.path(),
                        "leads nowhere (expected: app, static, redirect, upstream or respond)");
            }
            return otherwise.map(ActionSpec.ToApp::new);
        }
        return route.of("app").isPresent() ? app(route) : other(route);
    }

    private Optional<ActionSpec> app(Keys route) {
        Node node = route.of("app").orElseThrow();
        String path = route.path("app");
        Optional<AppName> name = reading.parsed(node, path, "the name of an app", AppName::new);
        if (name.isPresent() && !apps.contains(name.get())) {
            List<String> known = apps.stream().map(AppName::text).sorted().toList();
            String expected = Nearest.to(name.get().text(), known)
                    .map(near -> " (did you mean '" + near + "'?)")
                    .orElse(" (expected: " + (known.isEmpty() ? "an app" : String.join(", ", known)) + ")");
            reading.problem(node, path, "no app '" + name.get() + "' is in the file" + expected);
            return Optional.empty();
        }
        return name.map(ActionSpec.ToApp::new);
    }

    private Optional<ActionSpec> other(Keys route) {
        Optional<ActionSpec> files = route.of(EdgeFeature.STATIC).flatMap(node -> folder(node, route.path("static")));
        Optional<ActionSpec> redirect =
                route.of(EdgeFeature.REDIRECT).flatMap(node -> redirect(node, route.path("redirect")));
        Optional<ActionSpec> origins =
                route.of(EdgeFeature.ORIGINS).flatMap(node -> origins(node, route.path("upstream")));
        Optional<ActionSpec> answer =
                route.of(EdgeFeature.RESPOND).flatMap(node -> respond(node, route.path("respond")));
        return files.or(() -> redirect).or(() -> origins).or(() -> answer);
    }

    private Optional<ActionSpec> folder(Node node, String path) {
        if (!(node instanceof Node.Obj object)) {
            return reading.path(node, path)
                    .map(folder -> new ActionSpec.StaticFolder(folder, false, ActionSpec.StaticFolder.INDEX));
        }
        Keys keys = new Keys(reading, object, path);
        Optional<Node> folder = keys.of("folder", "root");
        if (folder.isEmpty()) {
            reading.problem(node, path, "folder is missing (expected: the folder that is served)");
        }
        boolean spa = keys.flag("spa", false);
        List<String> index = keys.of("index")
                .map(names -> reading.texts(names, keys.path("index")))
                .orElse(ActionSpec.StaticFolder.INDEX);
        keys.done();
        return folder.flatMap(text -> reading.path(text, keys.path("folder")))
                .flatMap(root -> reading.made(node, path, () -> new ActionSpec.StaticFolder(root, spa, index)));
    }

    private Optional<ActionSpec> redirect(Node node, String path) {
        if (!(node instanceof Node.Obj object)) {
            return reading.parsed(
                    node, path, "a location such as https://{host}{uri}", text -> location(text, USUAL_REDIRECT));
        }
        Keys keys = new Keys(reading, object, path);
        int status = keys.whole("status", 300, 399, USUAL_REDIRECT);
        Optional<Node> to = keys.of("to");
        Optional<String> scheme = keys.text("scheme");
        Optional<Template> host = template(keys, "host");
        Optional<Template> target = template(keys, "path");
        OptionalInt port = keys.of("port")
                .map(number -> reading.whole(number, keys.path("port"), 1, 65_535))
                .orElse(OptionalInt.empty());
        boolean query = keys.flag("query", to.isEmpty());
        keys.done();
        if (to.isPresent()) {
            boolean alone = scheme.isEmpty() && host.isEmpty() && target.isEmpty() && port.isEmpty();
            if (!alone) {
                reading.problem(
                        to.get(), keys.path("to"), "beside its parts (expected: to, or scheme, host, port, path)");
            }
            return reading.parsed(to.get(), keys.path("to"), "a location", text -> location(text, status))
                    .map(all -> new ActionSpec.Redirect(
                            all.status(), all.scheme(), all.host(), all.port(), all.path(), query || all.query()));
        }
        if (scheme.isEmpty() && host.isEmpty() && target.isEmpty() && port.isEmpty()) {
            reading.problem(node, path, "goes nowhere (expected: to, or scheme, host, port or path)");
            return Optional.empty();
        }
        return reading.made(node, path, () -> new ActionSpec.Redirect(status, scheme, host, port, target, query));
    }

    /// `https` alone is the same place, over TLS.
    private static ActionSpec.Redirect location(String text, int status) {
        if (!text.equals("https")) {
            return ActionSpec.Redirect.parse(text, status);
        }
        return new ActionSpec.Redirect(
                status, Optional.of(text), Optional.empty(), OptionalInt.empty(), Optional.empty(), true);
    }

    private Optional<Template> template(Keys keys, String key) {
        return keys.of(key).flatMap(node -> reading.parsed(node, keys.path(key), "a text", Template::parse));
    }

    Optional<ActionSpec> origins(Node node, String path) {
        List<OriginSpec> all = reading.list(node, path, this::origin);
        boolean whole = !(node instanceof Node.Arr(Node.Position _, List<Node> nodes)) || nodes.size() == all.size();
        return whole && !(all.isEmpty() && !(node instanceof Node.Arr))
                ? reading.made(node, path, () -> new ActionSpec.ToOrigins(all))
                : Optional.empty();
    }

    private Optional<OriginSpec> origin(Node node, String path) {
        String expected = "http://host:port, unix:/path, or an object with address and weight";
        Optional<OriginSpec> origin;
        if (node instanceof Node.Obj object) {
            Keys keys = new Keys(reading, object, path);
            Optional<Node> address = keys.of("address", "url");
            int weight = keys.whole("weight", 0, 1_000_000, 1);
            if (address.isEmpty()) {
                reading.problem(node, path, "address is missing (expected: http://host:port or unix:/path)");
            }
            keys.done();
            origin = address.flatMap(text -> reading.parsed(text, keys.path("address"), expected, OriginSpec::parse))
                    .map(one -> one.withWeight(weight));
        } else {
            origin = reading.parsed(node, path, expected, OriginSpec::parse);
        }
        origin.filter(OriginSpec::tls).ifPresent(_ -> reading.asksFor(EdgeFeature.ORIGIN_TLS, node, path));
        return origin;
    }

    private Optional<ActionSpec> respond(Node node, String path) {
        String plain = "text/plain; charset=utf-8";
        return switch (node) {
            case Node.Num _ -> {
                OptionalInt status = reading.whole(node, path, 200, 599);
                yield status.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new ActionSpec.Respond(status.getAsInt(), plain, ""));
            }
            case Node.Text(Node.Position _, String text) ->
                reading.made(node, path, () -> new ActionSpec.Respond(200, plain, text));
            case Node.Obj object -> {
                Keys keys = new Keys(reading, object, path);
                int status = keys.whole("status", 200, 599, 200);
                String body = keys.text("body").orElse("");
                String type = keys.text("content_type").orElse(plain);
                keys.done();
                yield reading.made(node, path, () -> new ActionSpec.Respond(status, type, body));
            }
            case Node.Arr _, Node.Bool _, Node.Nul _ -> {
                reading.unexpected(node, path, "a status, a text, or an object with status, body and content_type");
                yield Optional.empty();
            }
        };
    }
}
