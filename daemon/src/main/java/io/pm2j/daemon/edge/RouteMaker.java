package io.pm2j.daemon.edge;

import io.pm2j.config.AppName;
import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.spec.edge.ActionSpec;
import io.pm2j.config.spec.edge.BalanceSpec;
import io.pm2j.config.spec.edge.HealthSpec;
import io.pm2j.config.spec.edge.OriginSpec;
import io.pm2j.config.spec.edge.PolicySpec;
import io.pm2j.config.spec.edge.RouteSpec;
import io.pm2j.daemon.edge.EdgePlan.FileRoute;
import io.pm2j.daemon.traffic.AppUpstreams;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.accesslog.AccessLog;
import io.pm2j.proxy.admission.Admission;
import io.pm2j.proxy.files.SiteOptions;
import io.pm2j.proxy.files.StaticSite;
import io.pm2j.proxy.forward.Action;
import io.pm2j.proxy.forward.Route;
import io.pm2j.proxy.upstream.Upstream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Makes routes ready for the data path, for one configuration. Folders are opened once, however many routes show them;
/// what upstreams become when the configuration counts is in [#origins] and [#wanted]: until then none is touched.
final class RouteMaker {
    private final Proxy proxy;
    private final AppUpstreams apps;
    private final Map<ActionSpec.StaticFolder, StaticSite> sites = new HashMap<>();
    private final Map<String, Outside> outside = new HashMap<>();
    private final Set<AppUpstreams.Wanted> inside = new HashSet<>();

    /// An upstream of servers that are not ours, and how it is treated.
    record Outside(List<OriginSpec> origins, BalanceSpec balance, Optional<HealthSpec> health) {}

    RouteMaker(Proxy proxy, AppUpstreams apps) {
        this.proxy = proxy;
        this.apps = apps;
    }

    /// Upstreams of servers outside, by name.
    Map<String, Outside> origins() {
        return Map.copyOf(outside);
    }

    /// What routes want of the apps.
    Set<AppUpstreams.Wanted> wanted() {
        return Set.copyOf(inside);
    }

    /// @throws EdgeRefused when something that the route names cannot be had
    Route route(FileRoute of, Optional<AccessLog> log) throws EdgeRefused {
        RouteSpec spec = of.spec();
        int meter = proxy.latencies().routes().of(spec.name());
        return Route.of(spec, action(of), admission(spec), meter, log.orElse(null));
    }

    /// Passwords and pages are read now.
    private Admission admission(RouteSpec spec) throws EdgeRefused {
        try {
            return Admission.compile(spec.policy(), proxy.means());
        } catch (InvalidConfig e) {
            throw new EdgeRefused(
                    "route '" + spec.name() + "': "
                            + e.problems().stream().map(ConfigProblem::sentence).collect(Collectors.joining("; ")),
                    e);
        }
    }

    /// Names of routes are a file's own.
    private Action action(FileRoute of) throws EdgeRefused {
        RouteSpec spec = of.spec();
        String named = spec.name() + " of " + of.wish().file();
        return switch (spec.action()) {
            case ActionSpec.ToApp to -> new Action.Forward(upstream(to, named, spec.policy()));
            case ActionSpec.ToOrigins to -> new Action.Forward(upstream(to, named, spec.policy()));
            case ActionSpec.StaticFolder folder -> new Action.Files(site(folder, spec.name()));
            case ActionSpec.Redirect redirect ->
                new Action.Elsewhere(redirect, spec.match().path());
            case ActionSpec.Respond respond -> Action.Fixed.of(respond);
        };
    }

    /// Where the bytes of a listener go that is not HTTP's.
    ///
    /// @throws EdgeRefused when it is nowhere
    Upstream forward(ActionSpec to, String listener) throws EdgeRefused {
        return upstream(to, "listener " + listener, PolicySpec.DEFAULT);
    }

    private Upstream upstream(ActionSpec to, String route, PolicySpec policy) throws EdgeRefused {
        return switch (to) {
            case ActionSpec.ToApp(AppName app) -> {
                AppUpstreams.Wanted wanted = new AppUpstreams.Wanted(app, route, policy.balance(), policy.health());
                inside.add(wanted);
                yield apps.of(wanted);
            }
            case ActionSpec.ToOrigins(List<OriginSpec> origins) -> {
                String name = "origins of " + route;
                outside.put(name, new Outside(origins, policy.balance(), policy.health()));
                yield proxy.upstream(name);
            }
            case ActionSpec.StaticFolder _, ActionSpec.Redirect _, ActionSpec.Respond _ ->
                throw new EdgeRefused(route + " leads to no server (expected: app or upstream)");
        };
    }

    private StaticSite site(ActionSpec.StaticFolder folder, String route) throws EdgeRefused {
        StaticSite known = sites.get(folder);
        if (known != null) {
            return known;
        }
        Path root = folder.folder();
        SiteOptions usual = SiteOptions.defaults();
        SiteOptions options = new SiteOptions(
                folder.spa(), folder.index(), usual.smallFileBytes(), usual.cacheBytes(), usual.validity());
        try {
            StaticSite site = StaticSite.open(root, options);
            sites.put(folder, site);
            return site;
        } catch (IOException e) {
            throw new EdgeRefused("route '" + route + "': " + root + " cannot be served: " + e.getMessage(), e);
        }
    }
}
