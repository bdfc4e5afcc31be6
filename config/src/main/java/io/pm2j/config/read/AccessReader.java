package io.pm2j.config.read;

import io.pm2j.config.spec.edge.AccessSpec;
import io.pm2j.config.spec.edge.Cidr;
import io.pm2j.config.spec.edge.CorsSpec;
import io.pm2j.config.spec.edge.EdgeFeature;
import io.pm2j.config.spec.edge.PagesSpec;
import io.pm2j.config.spec.edge.PolicySpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads who may come in, which pages may read the answers, and what those see who may not.
final class AccessReader {
    private final Reading reading;
    private final Keys keys;
    private final PolicySpec usual;

    AccessReader(Reading reading, Keys keys, PolicySpec usual) {
        this.reading = reading;
        this.keys = keys;
        this.usual = usual;
    }

    AccessSpec access() {
        AccessSpec as = usual.access();
        Optional<Node> basic = keys.of(EdgeFeature.BASIC_AUTH);
        Optional<Node> forward = keys.of(EdgeFeature.FORWARD_AUTH);
        return new AccessSpec(
                blocks(EdgeFeature.ALLOW, as.allow()),
                blocks(EdgeFeature.DENY, as.deny()),
                basic.isEmpty()
                        ? as.basic()
                        : basic.filter(node -> !Keys.off(node)).flatMap(this::basic),
                forward.isEmpty()
                        ? as.forward()
                        : forward.filter(node -> !Keys.off(node)).flatMap(this::forward));
    }

    private List<Cidr> blocks(EdgeFeature feature, List<Cidr> otherwise) {
        Optional<Node> node = keys.of(feature);
        if (node.isEmpty() || Keys.off(node.get())) {
            return node.isEmpty() ? otherwise : List.of();
        }
        return blocks(reading, node.get(), keys.path(feature.key()));
    }

    static List<Cidr> blocks(Reading reading, Node node, String path) {
        return reading.list(
                node,
                path,
                (one, at) -> reading.parsed(one, at, "an address or a block such as 10.0.0.0/8", Cidr::parse));
    }

    private Optional<AccessSpec.BasicAuth> basic(Node node) {
        String path = keys.path("basic_auth");
        Optional<Keys> said = reading.keys(node, path, "an object with users or file");
        if (said.isEmpty()) {
            return Optional.empty();
        }
        Keys inner = said.get();
        Map<String, AccessSpec.Password> users = new LinkedHashMap<>();
        Optional<Keys> written = inner.of("users")
                .flatMap(all -> reading.keys(all, inner.path("users"), "an object of names and password hashes"));
        written.ifPresent(all -> all.object().fields().forEach((name, hash) -> {
            String at = inner.path("users") + "." + name;
            password(hash, at).ifPresent(password -> users.put(name, password));
        }));
        Optional<Path> file = inner.of("file").flatMap(name -> reading.path(name, inner.path("file")));
        String realm = inner.text("realm").orElse("restricted");
        inner.done();
        boolean broken = written.isPresent()
                && users.size() < written.get().object().fields().size();
        return broken ? Optional.empty() : reading.made(node, path, () -> new AccessSpec.BasicAuth(realm, users, file));
    }

    /// What is written is never shown: it may be a password.
    private Optional<AccessSpec.Password> password(Node node, String path) {
        Optional<String> text = node instanceof Node.Bool ? Optional.empty() : Values.scalar(node);
        if (text.isEmpty()) {
            reading.problem(node, path, "no text (expected: a bcrypt or $sha256$ hash)");
        }
        Optional<AccessSpec.Password> password =
                text.flatMap(hash -> reading.made(node, path, () -> AccessSpec.Password.parse(hash)));
        password.filter(AccessSpec.Password.Plain.class::isInstance)
                .ifPresent(
                        _ -> reading.warnings()
                                .add(
                                        node.at(),
                                        path,
                                        "the password stands there for everyone to read (expected: a bcrypt or $sha256$ hash)"));
        return password;
    }

    private Optional<AccessSpec.ForwardAuth> forward(Node node) {
        String path = keys.path("forward_auth");
        String expected = "http://host:port/path, or an object with url, headers and timeout";
        if (!(node instanceof Node.Obj object)) {
            return reading.parsed(node, path, expected, AccessSpec.ForwardAuth::parse);
        }
        Keys inner = new Keys(reading, object, path);
        Optional<Node> url = inner.of("url");
        if (url.isEmpty()) {
            reading.problem(node, path, "url is missing (expected: " + expected + ")");
        }
        List<String> headers = inner.of("headers")
                .map(names -> reading.texts(names, inner.path("headers")))
                .orElse(List.of());
        Duration timeout = inner.duration("timeout", AccessSpec.ForwardAuth.TIMEOUT);
        inner.done();
        return url.flatMap(text -> reading.parsed(text, inner.path("url"), expected, AccessSpec.ForwardAuth::parse))
                .flatMap(auth -> reading.made(node, path, () -> auth.with(headers, timeout)));
    }

    Optional<CorsSpec> cors() {
        Optional<Node> node = keys.of(EdgeFeature.CORS);
        if (node.isEmpty() || Keys.off(node.get())) {
            return node.isEmpty() ? usual.cors() : Optional.empty();
        }
        CorsSpec any = CorsSpec.ANY;
        if (Keys.on(node.get())) {
            return Optional.of(any);
        }
        String path = keys.path("cors");
        Optional<Keys> said = reading.keys(node.get(), path, "true, or an object with origins and so on");
        if (said.isEmpty()) {
            return Optional.empty();
        }
        Keys inner = said.get();
        List<String> origins = texts(inner, "origins", any.origins());
        List<String> methods = texts(inner, "methods", any.methods());
        List<String> headers = texts(inner, "headers", any.headers());
        List<String> expose = texts(inner, "expose", any.expose());
        boolean credentials = inner.flag("credentials", any.credentials());
        Duration maxAge = inner.duration("max_age", any.maxAge());
        inner.done();
        return reading.made(
                node.get(), path, () -> new CorsSpec(origins, methods, headers, expose, credentials, maxAge));
    }

    private List<String> texts(Keys inner, String key, List<String> otherwise) {
        return inner.of(key).map(node -> reading.texts(node, inner.path(key))).orElse(otherwise);
    }

    PagesSpec pages() {
        PagesSpec as = usual.pages();
        Optional<Node> errors = keys.of(EdgeFeature.ERROR_PAGES);
        Optional<Node> maintenance = keys.of(EdgeFeature.MAINTENANCE);
        return new PagesSpec(
                errors.isEmpty()
                        ? as.errors()
                        : errors.filter(node -> !Keys.off(node))
                                .map(this::errors)
                                .orElse(Map.of()),
                maintenance.isEmpty()
                        ? as.maintenance()
                        : maintenance.filter(node -> !Keys.off(node)).flatMap(this::maintenance));
    }

    private Map<Integer, Path> errors(Node node) {
        String path = keys.path("error_pages");
        Map<Integer, Path> pages = new LinkedHashMap<>();
        Optional<Keys> said = reading.keys(node, path, "an object of statuses and files, such as 404 or 5xx");
        said.ifPresent(inner -> inner.object().fields().forEach((name, value) -> {
            if (name.matches("[45](xx|\\d\\d)")) {
                int status = Integer.parseInt(name.replace("xx", ""));
                reading.path(value, path + "." + name).ifPresent(file -> pages.put(status, file));
            } else {
                reading.problems()
                        .add(
                                inner.object().nameAt(name),
                                path,
                                "'" + name + "' (expected: a status such as 404, 4xx or 5xx)");
            }
        }));
        return pages;
    }

    private Optional<PagesSpec.Maintenance> maintenance(Node node) {
        String path = keys.path("maintenance");
        if (Keys.on(node)) {
            return Optional.of(PagesSpec.Maintenance.PLAIN);
        }
        return reading.keys(node, path, "true, false, or an object with page, allow and retry_after")
                .map(inner -> {
                    Optional<Path> page = inner.of("page").flatMap(file -> reading.path(file, inner.path("page")));
                    List<Cidr> allow = inner.of("allow")
                            .map(all -> blocks(reading, all, inner.path("allow")))
                            .orElse(List.of());
                    Optional<Duration> after =
                            inner.of("retry_after").flatMap(time -> reading.duration(time, inner.path("retry_after")));
                    inner.done();
                    return new PagesSpec.Maintenance(page, allow, after);
                });
    }
}
