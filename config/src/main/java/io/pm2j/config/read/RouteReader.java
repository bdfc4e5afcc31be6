package io.pm2j.config.read;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import io.pm2j.config.spec.edge.ActionSpec;
import io.pm2j.config.spec.edge.AddressText;
import io.pm2j.config.spec.edge.HostPattern;
import io.pm2j.config.spec.edge.MatchSpec;
import io.pm2j.config.spec.edge.PathMatch;
import io.pm2j.config.spec.edge.PolicySpec;
import java.util.List;
import java.util.Optional;

/// Reads one route, in full or as a text or a number: `example.com`, `example.com/api`, `/api`,
/// `:8080`, `8080`.
final class RouteReader {
    private static final String FORMS = "a host such as example.com, a path such as /api, a port, or an object";

    private final Reading reading;
    private final ActionReader actions;
    private final PolicySpec usual;

    RouteReader(Reading reading, ActionReader actions, PolicySpec usual) {
        this.reading = reading;
        this.actions = actions;
        this.usual = usual;
    }

    /// A route as read; its name is empty when nobody gave it one.
    record Read(
            Node at,
            String path,
            Optional<String> name,
            List<Address> listeners,
            MatchSpec match,
            ActionSpec action,
            PolicySpec policy) {
        Read at(List<Address> addresses) {
            return new Read(at, path, name, addresses, match, action, policy);
        }
    }

    /// `otherwise` is the app that it leads to when it does not say. Empty when it leads nowhere.
    Optional<Read> read(Node node, String path, Optional<AppName> otherwise) {
        if (node instanceof Node.Obj object) {
            return object(new Keys(reading, object, path), otherwise);
        }
        if (otherwise.isEmpty()) {
            reading.unexpected(node, path, "an object with app, static, redirect, upstream or respond");
            return Optional.empty();
        }
        ActionSpec action = new ActionSpec.ToApp(otherwise.get());
        return reading.parsed(node, path, FORMS, text -> text(node, path, text, action));
    }

    private Read text(Node node, String path, String text, ActionSpec action) {
        if (text.contains("://")) {
            throw new IllegalArgumentException("'" + text + "' (expected: the host without its scheme)");
        }
        if (text.matches(":?\\d+") || text.startsWith("unix:")) {
            List<Address> at = List.of(AddressText.listen(text));
            return new Read(node, path, Optional.empty(), at, MatchSpec.ALL, action, usual);
        }
        int slash = text.indexOf('/');
        MatchSpec match = MatchSpec.ALL;
        if (slash != 0) {
            match = match.withHosts(List.of(HostPattern.parse(slash < 0 ? text : text.substring(0, slash))));
        }
        if (slash >= 0) {
            match = match.withPath(new PathMatch.Prefix(text.substring(slash)));
        }
        return new Read(node, path, Optional.empty(), List.of(), match, action, usual);
    }

    private Optional<Read> object(Keys keys, Optional<AppName> otherwise) {
        Optional<String> name = keys.text("name");
        List<Address> listeners = keys.of("listen", "port")
                .map(node -> reading.list(node, keys.path("listen"), this::address))
                .orElse(List.of());
        MatchSpec match = new MatchReader(reading).read(keys);
        Optional<ActionSpec> action = actions.read(keys, otherwise);
        PolicySpec policy = PolicyReader.read(reading, keys, usual, match);
        keys.done();
        return action.map(one -> new Read(keys.object(), keys.path(), name, listeners, match, one, policy));
    }

    private Optional<Address> address(Node node, String path) {
        return reading.parsed(node, path, ListenerReader.ADDRESSES, AddressText::listen);
    }
}
