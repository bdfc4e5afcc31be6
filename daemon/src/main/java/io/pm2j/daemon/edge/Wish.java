package io.pm2j.daemon.edge;

import io.pm2j.config.AppName;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.EdgeText;
import io.pm2j.config.spec.edge.ActionSpec;
import io.pm2j.config.spec.edge.EdgeSpec;
import io.pm2j.config.spec.edge.ListenerSpec;
import io.pm2j.config.spec.edge.RouteSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What one ecosystem file asks of the edge, in its own words and understood.
record Wish(Path file, EdgeText text, EdgeSpec spec) {
    static Wish of(Path file, EdgeText text) throws InvalidConfig {
        return new Wish(file, text, text.spec());
    }

    /// The same, with the listeners of `next` that can stand beside those that there are. They have no routes yet.
    Wish widened(EdgeSpec next) {
        List<ListenerSpec> listeners = new ArrayList<>(spec.listeners());
        next.listeners().stream()
                .filter(one -> spec.listeners().stream().noneMatch(one::clashesWith))
                .forEach(listeners::add);
        return new Wish(file, text, new EdgeSpec(listeners, spec.routes(), spec.trustedProxies(), spec.accessLog()));
    }

    /// The apps that it sends requests to.
    Set<AppName> apps() {
        Set<AppName> apps = new HashSet<>();
        spec.routes().stream().map(RouteSpec::action).forEach(action -> add(apps, action));
        spec.listeners().stream().map(ListenerSpec::forward).forEach(to -> to.ifPresent(action -> add(apps, action)));
        return apps;
    }

    private static void add(Set<AppName> apps, ActionSpec action) {
        if (action instanceof ActionSpec.ToApp(AppName app)) {
            apps.add(app);
        }
    }
}
