package io.pm2j.config.read;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import io.pm2j.config.spec.LogRotation;
import io.pm2j.config.spec.edge.AccessLogSpec;
import io.pm2j.config.spec.edge.Cidr;
import io.pm2j.config.spec.edge.EdgeFeature;
import io.pm2j.config.spec.edge.EdgeSpec;
import io.pm2j.config.spec.edge.ListenerSpec;
import io.pm2j.config.spec.edge.MatchSpec;
import io.pm2j.config.spec.edge.PolicySpec;
import io.pm2j.config.spec.edge.RouteSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads what a document asks of the edge: its own `edge`, and each app's.
///
/// At the top: an object with listeners, routes and defaults, or routes alone. In an app: routes
/// that lead to it. A route may be a text: see [RouteReader].
final class EdgeReader {
    private static final Set<String> TOP = Set.of("listeners", "routes", "defaults", "trusted_proxies", "access_log");

    private final Reading reading;
    private final Set<AppName> apps;
    private final ActionReader actions;
    private final List<ListenerReader.Read> listeners = new ArrayList<>();
    private final List<RouteReader.Read> routes = new ArrayList<>();
    private PolicySpec defaults = PolicySpec.DEFAULT;
    private List<Cidr> trusted = List.of();
    private Optional<AccessLogSpec> log = Optional.empty();

    private EdgeReader(Reading reading, Set<AppName> apps) {
        this.reading = reading;
        this.apps = apps;
        this.actions = new ActionReader(reading, apps);
    }

    /// What one app asks of the edge, and where it says so.
    record OfApp(AppName app, String path, Node node) {}

    /// Everything that a document asks of the edge; `apps` are all that it has.
    record Asked(Optional<Node> top, List<OfApp> ofApps, Set<AppName> apps) {}

    /// The edge is empty when there are problems.
    static EdgeSpec read(Asked asked, Reading reading) {
        EdgeReader reader = new EdgeReader(reading, asked.apps);
        asked.top.filter(node -> !nothing(node)).ifPresent(node -> {
            reading.asksFor(EdgeFeature.ROUTES, node, "edge");
            reader.top(node);
        });
        for (OfApp one : asked.ofApps) {
            if (!nothing(one.node)) {
                reading.asksFor(EdgeFeature.ROUTES, one.node, one.path);
                reader.routes(one.node, one.path, Optional.of(one.app));
            }
        }
        return reader.spec();
    }

    private static boolean nothing(Node node) {
        return node instanceof Node.Nul || Keys.off(node);
    }

    private void top(Node node) {
        if (node instanceof Node.Obj object && top(object)) {
            Keys keys = new Keys(reading, object, "edge");
            keys.of("listeners")
                    .ifPresent(all -> listeners.addAll(reading.list(
                            all,
                            "edge.listeners",
                            (one, path) -> new ListenerReader(reading, actions).read(one, path))));
            trusted = keys.of(EdgeFeature.TRUSTED_PROXIES)
                    .filter(all -> !Keys.off(all))
                    .map(all -> AccessReader.blocks(reading, all, "edge.trusted_proxies"))
                    .orElse(List.of());
            log = keys.of(EdgeFeature.ACCESS_LOG).filter(one -> !Keys.off(one)).flatMap(this::log);
            keys.of("defaults")
                    .flatMap(one -> reading.keys(one, "edge.defaults", "an object of what holds for every route"))
                    .ifPresent(this::defaults);
            keys.of("routes").ifPresent(all -> routes(all, "edge.routes", onlyApp()));
            keys.done();
        } else {
            routes(node, "edge", onlyApp());
        }
    }

    /// Whether it is more than one route alone.
    private static boolean top(Node.Obj object) {
        return object.fields().isEmpty()
                || object.fields().keySet().stream()
                        .anyMatch(key -> TOP.contains(key) || key.equals("trustedProxies") || key.equals("accessLog"));
    }

    /// Where a route leads that does not say: with one app there is no question.
    private Optional<AppName> onlyApp() {
        return apps.size() == 1 ? apps.stream().findFirst() : Optional.empty();
    }

    private void defaults(Keys keys) {
        defaults = PolicyReader.read(reading, keys, PolicySpec.DEFAULT, MatchSpec.ALL);
        keys.done();
    }

    private void routes(Node node, String path, Optional<AppName> app) {
        RouteReader reader = new RouteReader(reading, actions, defaults);
        routes.addAll(reading.list(node, path, (one, at) -> whole(reader, one, at, app)));
    }

    /// A route with a problem is left out: what is missing in it would make it clash with others.
    private Optional<RouteReader.Read> whole(RouteReader reader, Node node, String path, Optional<AppName> app) {
        int before = reading.problems().count();
        Optional<RouteReader.Read> route = reader.read(node, path, app);
        return route.filter(_ -> reading.problems().count() == before);
    }

    private Optional<AccessLogSpec> log(Node node) {
        String path = "edge.access_log";
        if (Keys.on(node)) {
            return Optional.of(AccessLogSpec.DEFAULT);
        }
        if (!(node instanceof Node.Obj object)) {
            return reading.path(node, path)
                    .map(file ->
                            new AccessLogSpec(Optional.of(file), AccessLogSpec.DEFAULT.format(), LogRotation.DEFAULT));
        }
        Keys keys = new Keys(reading, object, path);
        Optional<Path> file = keys.of("file").flatMap(name -> reading.path(name, keys.path("file")));
        Optional<AccessLogSpec.Format> fields = keys.of("fields")
                .map(all -> reading.list(
                        all,
                        keys.path("fields"),
                        (one, at) -> PolicyReader.constant(reading, one, at, AccessLogSpec.Field.class)))
                .filter(all -> !all.isEmpty())
                .map(AccessLogSpec.Format.Fields::new);
        Optional<AccessLogSpec.Format> format = keys.of("format")
                .flatMap(name -> reading.parsed(name, keys.path("format"), "combined or json", EdgeReader::format));
        if (fields.isPresent()
                && format.filter(AccessLogSpec.Format.Combined.class::isInstance)
                        .isPresent()) {
            reading.problem(node, keys.path("fields"), "beside format combined (expected: json, or no format)");
        }
        LogRotation rotation = keys.of("rotate")
                .map(rotate -> rotation(rotate, keys.path("rotate")))
                .orElse(LogRotation.DEFAULT);
        keys.done();
        return Optional.of(
                new AccessLogSpec(file, fields.or(() -> format).orElse(AccessLogSpec.DEFAULT.format()), rotation));
    }

    private static AccessLogSpec.Format format(String text) {
        return switch (text) {
            case "combined" -> new AccessLogSpec.Format.Combined();
            case "json" -> new AccessLogSpec.Format.Json();
            default -> throw new IllegalArgumentException("'" + text + "' (expected: combined or json)");
        };
    }

    /// As `log_rotate` of an app.
    private LogRotation rotation(Node node, String path) {
        LogRotation as = LogRotation.DEFAULT;
        if (node instanceof Node.Bool) {
            return Keys.on(node) ? as : LogRotation.NEVER;
        }
        Optional<Keys> said = reading.keys(node, path, "true, false, or an object with max_size, daily and keep");
        if (said.isEmpty()) {
            return as;
        }
        Keys keys = said.get();
        LogRotation rotation = new LogRotation(
                bytes(keys, "max_size", as.maxBytes()),
                keys.flag("daily", as.daily()),
                keys.whole("keep", 0, 100_000, as.keep()),
                keys.flag("compress", as.compress()),
                bytes(keys, "total_size", as.totalBytes()));
        keys.done();
        return rotation;
    }

    private long bytes(Keys keys, String key, long otherwise) {
        return keys.of(key)
                .map(node -> reading.bytes(node, keys.path(key)).orElse(otherwise))
                .orElse(otherwise);
    }

    private EdgeSpec spec() {
        List<ListenerSpec> open = open();
        settle(open);
        conflicts();
        Set<String> names = new HashSet<>();
        List<RouteSpec> specs = new ArrayList<>();
        for (RouteReader.Read route : routes) {
            String name = unique(route, names);
            reading.made(
                            route.at(),
                            route.path(),
                            () -> new RouteSpec(name, route.listeners(), route.match(), route.action(), route.policy()))
                    .ifPresent(specs::add);
        }
        return reading.problems().any() ? EdgeSpec.NONE : new EdgeSpec(open, specs, trusted, log);
    }

    /// The listeners that are said, and those that routes name besides.
    private List<ListenerSpec> open() {
        List<ListenerSpec> open = new ArrayList<>();
        for (int i = 0; i < listeners.size(); i++) {
            ListenerReader.Read one = listeners.get(i);
            Optional<ListenerReader.Read> before = listeners.subList(0, i).stream()
                    .filter(other -> other.listener().clashesWith(one.listener()))
                    .findFirst();
            if (before.isPresent()) {
                String sentence = one.listener().address() + " is already opened by "
                        + place(before.get().path(), before.get().at());
                reading.problem(one.at(), one.path(), sentence + " (expected: one listener at an address)");
            } else {
                open.add(one.listener());
            }
        }
        for (RouteReader.Read route : routes) {
            for (Address address : route.listeners()) {
                Optional<ListenerSpec> there = open.stream()
                        .filter(ListenerSpec.http(address)::clashesWith)
                        .findFirst();
                if (there.isEmpty()) {
                    open.add(ListenerSpec.http(address));
                } else if (there.get().protocol() != ListenerSpec.Protocol.HTTP) {
                    reading.problem(route.at(), route.path(), address + " is no http listener (expected: one)");
                }
            }
        }
        return open;
    }

    /// A route that names no listener is for those that the file opens, not for those that other
    /// routes do: a port of one app is nobody else's.
    private void settle(List<ListenerSpec> open) {
        if (routes.stream().noneMatch(route -> route.listeners().isEmpty())) {
            return;
        }
        List<Address> said = new ArrayList<>(listeners.stream()
                .map(ListenerReader.Read::listener)
                .filter(one -> one.protocol() == ListenerSpec.Protocol.HTTP)
                .map(ListenerSpec::address)
                .toList());
        if (said.isEmpty()) {
            said.add(EdgeSpec.USUAL_LISTENER.address());
            if (open.stream().noneMatch(EdgeSpec.USUAL_LISTENER::clashesWith)) {
                open.add(EdgeSpec.USUAL_LISTENER);
            }
        }
        routes.replaceAll(route -> route.listeners().isEmpty() ? route.at(said) : route);
    }

    /// Of two routes for the same requests only the first would ever get one.
    private void conflicts() {
        for (int i = 0; i < routes.size(); i++) {
            RouteReader.Read one = routes.get(i);
            routes.subList(0, i).stream()
                    .filter(other -> sameRequests(one, other))
                    .findFirst()
                    .ifPresent(other -> reading.problem(
                            one.at(),
                            one.path(),
                            "takes the same requests as " + place(other.path(), other.at())
                                    + " (expected: another host, path, method, header or query)"));
        }
    }

    private static boolean sameRequests(RouteReader.Read one, RouteReader.Read other) {
        return one.match().path().equals(other.match().path())
                && one.match().methods().equals(other.match().methods())
                && Set.copyOf(one.match().headers())
                        .equals(Set.copyOf(other.match().headers()))
                && Set.copyOf(one.match().query())
                        .equals(Set.copyOf(other.match().query()))
                && (one.match().hosts().equals(other.match().hosts())
                        || one.match().hosts().stream().anyMatch(other.match().hosts()::contains))
                && one.listeners().stream().anyMatch(other.listeners()::contains);
    }

    private static String place(String path, Node at) {
        return path + (at.at().line() > 0 ? " in line " + at.at().line() : "");
    }

    /// A given name has to be alone; one that we make of the match is made so.
    private String unique(RouteReader.Read route, Set<String> names) {
        if (route.name().isPresent()) {
            String name = route.name().get();
            if (!names.add(name)) {
                reading.problem(
                        route.at(),
                        route.path(),
                        "the name '" + name + "' is already used (expected: one route of a name)");
            }
            return name;
        }
        String plain = made(route.match());
        String name = plain;
        for (int number = 2; !names.add(name); number++) {
            name = plain + " #" + number;
        }
        return name;
    }

    private static String made(MatchSpec match) {
        String methods = match.methods().isEmpty() ? "" : String.join("|", match.methods()) + " ";
        String host = match.hosts().isEmpty() ? "" : match.hosts().getFirst().toString();
        return (methods + host + match.path().shown()).replace('"', '?').replace('\\', '?');
    }
}
