package io.pm2j.config.read;

import io.pm2j.config.spec.edge.BalanceSpec;
import io.pm2j.config.spec.edge.ClientKey;
import io.pm2j.config.spec.edge.EdgeFeature;
import io.pm2j.config.spec.edge.HeaderRules;
import io.pm2j.config.spec.edge.HealthSpec;
import io.pm2j.config.spec.edge.LimitSpec;
import io.pm2j.config.spec.edge.MatchSpec;
import io.pm2j.config.spec.edge.PathMatch;
import io.pm2j.config.spec.edge.PathStep;
import io.pm2j.config.spec.edge.PolicySpec;
import io.pm2j.config.spec.edge.RegexText;
import io.pm2j.config.spec.edge.RetrySpec;
import io.pm2j.config.spec.edge.Template;
import io.pm2j.config.spec.edge.TimeoutSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/// Reads how requests are treated on their way. What a route does not say is as its defaults say.
final class PolicyReader {
    private static final int MOST = 1_000_000_000;
    private static final String POLICIES = "round_robin, weighted, least, p2c, random, or hash by ip, path, header:NAME"
            + " or cookie:NAME, such as hash:ip";

    private final Reading reading;
    private final Keys keys;
    private final PolicySpec usual;

    private PolicyReader(Reading reading, Keys keys, PolicySpec usual) {
        this.reading = reading;
        this.keys = keys;
        this.usual = usual;
    }

    /// `match` is the route's: `strip_prefix: true` takes its path away.
    static PolicySpec read(Reading reading, Keys keys, PolicySpec usual, MatchSpec match) {
        PolicyReader reader = new PolicyReader(reading, keys, usual);
        AccessReader access = new AccessReader(reading, keys, usual);
        return new PolicySpec(
                reader.path(match),
                reader.headers(EdgeFeature.REQUEST_HEADERS, usual.requestHeaders()),
                reader.headers(EdgeFeature.RESPONSE_HEADERS, usual.responseHeaders()),
                reader.timeouts(),
                reader.limits(),
                access.access(),
                access.cors(),
                reader.requestId(),
                access.pages(),
                reader.balance(),
                reader.health(),
                reader.retries());
    }

    private List<PathStep> path(MatchSpec match) {
        Optional<Node> strip = keys.of(EdgeFeature.STRIP_PREFIX);
        Optional<Node> rewrite = keys.of(EdgeFeature.REWRITE);
        Optional<Node> add = keys.of(EdgeFeature.ADD_PREFIX);
        if (strip.isEmpty() && rewrite.isEmpty() && add.isEmpty()) {
            return usual.path();
        }
        List<PathStep> steps = new ArrayList<>();
        strip.filter(node -> !Keys.off(node))
                .flatMap(node -> strip(node, match))
                .ifPresent(steps::add);
        rewrite.filter(node -> !Keys.off(node)).flatMap(this::rewrite).ifPresent(steps::add);
        add.filter(node -> !Keys.off(node))
                .flatMap(node -> prefix(node, keys.path("add_prefix")))
                .ifPresent(prefix -> steps.add(new PathStep.AddPrefix(prefix)));
        return steps;
    }

    private Optional<PathStep> strip(Node node, MatchSpec match) {
        String path = keys.path("strip_prefix");
        if (Keys.on(node)) {
            if (match.path() instanceof PathMatch.Prefix prefix && !prefix.equals(PathMatch.ANY)) {
                return Optional.of(new PathStep.StripPrefix(prefix));
            }
            reading.unexpected(node, path, "the prefix itself; the route has no path prefix to take away");
            return Optional.empty();
        }
        return prefix(node, path).map(PathStep.StripPrefix::new);
    }

    private Optional<PathMatch.Prefix> prefix(Node node, String path) {
        return reading.parsed(node, path, "a path such as /api", PathMatch.Prefix::new);
    }

    private Optional<PathStep> rewrite(Node node) {
        String path = keys.path("rewrite");
        if (!(node instanceof Node.Obj object)) {
            return reading.parsed(
                    node, path, "a path, or an object with regex and to", to -> new PathStep.Fixed(Template.parse(to)));
        }
        Keys inner = new Keys(reading, object, path);
        Optional<String> regex = inner.text("regex");
        Optional<String> to = inner.text("to");
        inner.done();
        if (regex.isEmpty() || to.isEmpty()) {
            reading.unexpected(node, path, "regex and to");
            return Optional.empty();
        }
        return reading.made(
                node, path, () -> new PathStep.Replace(new RegexText(regex.get()), Template.parse(to.get())));
    }

    private HeaderRules headers(EdgeFeature feature, HeaderRules otherwise) {
        Optional<Node> node = keys.of(feature);
        if (node.isEmpty() || Keys.off(node.get())) {
            return node.isEmpty() ? otherwise : HeaderRules.NONE;
        }
        String path = keys.path(feature.key());
        Optional<Keys> said = reading.keys(node.get(), path, "an object with set, add and remove");
        if (said.isEmpty()) {
            return otherwise;
        }
        Keys inner = said.get();
        Map<String, List<Template>> add = values(inner, "add");
        Map<String, Template> set = new LinkedHashMap<>();
        values(inner, "set").forEach((name, values) -> {
            if (values.size() == 1) {
                set.put(name, values.getFirst());
            } else {
                reading.problem(inner.object(), inner.path("set"), "'" + name + "' has several values (expected: one)");
            }
        });
        Set<String> remove = new LinkedHashSet<>(inner.of("remove")
                .map(names -> reading.texts(names, inner.path("remove")))
                .orElse(List.of()));
        inner.done();
        return reading.made(node.get(), path, () -> new HeaderRules(set, add, remove))
                .orElse(otherwise);
    }

    private Map<String, List<Template>> values(Keys inner, String key) {
        Map<String, List<Template>> all = new LinkedHashMap<>();
        Optional<Keys> fields =
                inner.of(key).flatMap(node -> reading.keys(node, inner.path(key), "an object of names and values"));
        if (fields.isPresent()) {
            fields.get().object().fields().forEach((name, value) -> {
                String path = inner.path(key) + "." + name;
                all.put(
                        name,
                        reading.list(value, path, (one, at) -> reading.parsed(one, at, "a text", Template::parse)));
            });
        }
        return all;
    }

    private TimeoutSpec timeouts() {
        Optional<Node> node = keys.of(EdgeFeature.TIMEOUTS);
        TimeoutSpec as = usual.timeouts();
        if (node.isEmpty()) {
            return as;
        }
        Optional<Keys> said = reading.keys(
                node.get(), keys.path("timeouts"), "an object with connect, head, idle, total and body_rate");
        if (said.isEmpty()) {
            return as;
        }
        Keys inner = said.get();
        TimeoutSpec timeouts = new TimeoutSpec(
                inner.duration("connect", as.connect()),
                inner.duration("head", as.head()),
                inner.duration("idle", as.idle()),
                inner.duration("total", as.total()),
                inner.of("body_rate")
                        .map(rate ->
                                reading.bytes(rate, inner.path("body_rate")).orElse(as.bodyRate()))
                        .orElse(as.bodyRate()));
        inner.done();
        return timeouts;
    }

    private LimitSpec limits() {
        LimitSpec as = usual.limits();
        Optional<Node> body = keys.of(EdgeFeature.MAX_BODY);
        OptionalLong bytes = body.isEmpty()
                ? as.body()
                : Keys.off(body.get()) ? OptionalLong.empty() : reading.bytes(body.get(), keys.path("max_body"));
        Optional<Node> rate = keys.of(EdgeFeature.RATE_LIMIT);
        return new LimitSpec(
                bytes,
                count(EdgeFeature.MAX_CONNECTIONS, as.connections()),
                count(EdgeFeature.MAX_CONNECTIONS_PER_IP, as.perClient()),
                rate.isEmpty()
                        ? as.rate()
                        : rate.filter(node -> !Keys.off(node)).flatMap(this::rate));
    }

    private OptionalInt count(EdgeFeature feature, OptionalInt otherwise) {
        Optional<Node> node = keys.of(feature);
        if (node.isEmpty() || Keys.off(node.get())) {
            return node.isEmpty() ? otherwise : OptionalInt.empty();
        }
        return reading.whole(node.get(), keys.path(feature.key()), 1, MOST);
    }

    private Optional<LimitSpec.Rate> rate(Node node) {
        String path = keys.path("rate_limit");
        String expected = "a rate such as 10/s, or an object with rate, burst and key";
        if (!(node instanceof Node.Obj object)) {
            return reading.parsed(node, path, expected, LimitSpec.Rate::parse);
        }
        Keys inner = new Keys(reading, object, path);
        Optional<Node> said = inner.of("rate");
        if (said.isEmpty()) {
            reading.problem(node, path, "rate is missing (expected: " + expected + ")");
        }
        Optional<LimitSpec.Rate> rate =
                said.flatMap(text -> reading.parsed(text, inner.path("rate"), expected, LimitSpec.Rate::parse));
        int burst =
                inner.whole("burst", 1, MOST, rate.map(LimitSpec.Rate::tokens).orElse(1));
        Optional<ClientKey> key = inner.of("key")
                .flatMap(text -> reading.parsed(text, inner.path("key"), "ip or header:NAME", ClientKey::parse));
        inner.done();
        return rate.flatMap(one ->
                reading.made(node, path, () -> one.withBurst(burst).withKey(key.orElse(one.key()))));
    }

    private Optional<String> requestId() {
        Optional<Node> node = keys.of(EdgeFeature.REQUEST_ID);
        if (node.isEmpty() || Keys.off(node.get())) {
            return node.isEmpty() ? usual.requestId() : Optional.empty();
        }
        String path = keys.path("request_id");
        Optional<String> name = Keys.on(node.get())
                ? Optional.of("x-request-id")
                : reading.text(node.get(), path, "true, or the name of a header");
        Optional<String> lower = name.map(text -> text.toLowerCase(Locale.ROOT));
        // The rule is PolicySpec's; asked here, its answer has a place.
        return lower.flatMap(
                        text -> reading.made(node.get(), path, () -> new HeaderRules(Map.of(), Map.of(), Set.of(text))))
                .flatMap(_ -> lower);
    }

    private BalanceSpec balance() {
        BalanceSpec as = usual.balance();
        Optional<BalanceSpec.Policy> policy = keys.of(EdgeFeature.BALANCE)
                .flatMap(node -> reading.parsed(node, keys.path("balance"), POLICIES, PolicyReader::policy));
        Optional<Node> sticky = keys.of(EdgeFeature.STICKY);
        Duration slowStart = keys.of(EdgeFeature.SLOW_START)
                .filter(node -> !Keys.off(node))
                .flatMap(node -> reading.duration(node, keys.path("slow_start")))
                .orElse(as.slowStart());
        return new BalanceSpec(
                policy.orElse(as.policy()),
                sticky.isEmpty()
                        ? as.sticky()
                        : sticky.filter(node -> !Keys.off(node)).flatMap(this::sticky),
                slowStart,
                count(EdgeFeature.MAX_IN_FLIGHT, as.maxInFlight()));
    }

    private static BalanceSpec.Policy policy(String text) {
        return switch (text) {
            case "round_robin" -> new BalanceSpec.Policy.RoundRobin();
            case "weighted" -> new BalanceSpec.Policy.Weighted();
            case "least" -> new BalanceSpec.Policy.LeastInFlight();
            case "p2c" -> new BalanceSpec.Policy.TwoChoices();
            case "random" -> new BalanceSpec.Policy.Random();
            default -> {
                if (!text.startsWith("hash:")) {
                    throw new IllegalArgumentException("'" + text + "' (expected: " + POLICIES + ")");
                }
                yield new BalanceSpec.Policy.Hash(ClientKey.parse(text.substring("hash:".length())));
            }
        };
    }

    private Optional<BalanceSpec.Sticky> sticky(Node node) {
        String path = keys.path("sticky");
        if (Keys.on(node)) {
            return Optional.of(BalanceSpec.Sticky.DEFAULT);
        }
        if (!(node instanceof Node.Obj object)) {
            return reading.parsed(
                    node,
                    path,
                    "true, the name of a cookie, or an object",
                    name -> new BalanceSpec.Sticky(name, Optional.empty()));
        }
        Keys inner = new Keys(reading, object, path);
        String cookie = inner.text("cookie").orElse(BalanceSpec.Sticky.DEFAULT.cookie());
        Optional<Duration> maxAge = inner.of("max_age").flatMap(age -> reading.duration(age, inner.path("max_age")));
        inner.done();
        return reading.made(node, path, () -> new BalanceSpec.Sticky(cookie, maxAge));
    }

    private Optional<HealthSpec> health() {
        Optional<Node> node = keys.of(EdgeFeature.HEALTH);
        if (node.isEmpty() || Keys.off(node.get())) {
            return node.isEmpty() ? usual.health() : Optional.empty();
        }
        String path = keys.path("health");
        if (!(node.get() instanceof Node.Obj object)) {
            return reading.parsed(node.get(), path, "a path, or an object with path and interval", HealthSpec::at);
        }
        Keys inner = new Keys(reading, object, path);
        HealthSpec as =
                HealthSpec.at(inner.text("path").filter(p -> p.startsWith("/")).orElse("/"));
        String target = inner.text("path").orElse("/");
        Duration interval = inner.duration("interval", as.interval());
        Duration timeout = inner.duration("timeout", shorter(as.timeout(), interval));
        int healthy = inner.whole("healthy", 1, 100, as.healthy());
        int unhealthy = inner.whole("unhealthy", 1, 100, as.unhealthy());
        String statuses = inner.text("status").orElse("200-399");
        inner.done();
        if (!statuses.matches("\\d{3}(-\\d{3})?")) {
            reading.problem(
                    node.get(), inner.path("status"), "'" + statuses + "' (expected: a status or a range, as 200-399)");
            return Optional.empty();
        }
        int least = Integer.parseInt(statuses.substring(0, 3));
        int most = Integer.parseInt(statuses.substring(statuses.length() - 3));
        return reading.made(
                node.get(), path, () -> new HealthSpec(target, interval, timeout, healthy, unhealthy, least, most));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private RetrySpec retries() {
        Optional<Node> node = keys.of(EdgeFeature.RETRIES);
        RetrySpec as = usual.retries();
        if (node.isEmpty() || Keys.off(node.get())) {
            return node.isEmpty() ? as : new RetrySpec(0, Set.of(), false);
        }
        String path = keys.path("retries");
        if (!(node.get() instanceof Node.Obj object)) {
            OptionalInt tries = reading.whole(node.get(), path, 0, 10);
            return new RetrySpec(tries.orElse(0), as.causes(), as.unsafe(), as.hedge());
        }
        Keys inner = new Keys(reading, object, path);
        int tries = inner.whole("tries", 0, 10, as.tries());
        Set<RetrySpec.Cause> causes =
                inner.of("on").map(names -> causes(names, inner.path("on"))).orElse(as.causes());
        boolean unsafe = inner.flag("unsafe", as.unsafe());
        Duration hedge = inner.duration("hedge", as.hedge());
        inner.done();
        return new RetrySpec(tries, causes, unsafe, hedge);
    }

    private Set<RetrySpec.Cause> causes(Node node, String path) {
        Set<RetrySpec.Cause> all = EnumSet.noneOf(RetrySpec.Cause.class);
        all.addAll(reading.list(node, path, (one, at) -> constant(reading, one, at, RetrySpec.Cause.class)));
        return all;
    }

    /// One of an enum's constants, in lower case.
    static <E extends Enum<E>> Optional<E> constant(Reading reading, Node node, String path, Class<E> type) {
        List<String> words = new ArrayList<>();
        for (E one : type.getEnumConstants()) {
            words.add(one.name().toLowerCase(Locale.ROOT));
        }
        return reading.parsed(node, path, String.join(", ", words), text -> {
            int at = words.indexOf(text);
            if (at < 0) {
                throw new IllegalArgumentException("'" + text + "' (expected: " + String.join(", ", words) + ")");
            }
            return type.getEnumConstants()[at];
        });
    }
}
