package io.pm2j.daemon.edge;

import io.pm2j.config.AppName;
import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.spec.edge.ActionSpec;
import io.pm2j.config.spec.edge.OriginSpec;
import io.pm2j.config.spec.edge.RouteSpec;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.accesslog.AccessLog;
import io.pm2j.proxy.admission.Admission;
import io.pm2j.proxy.files.SiteOptions;
import io.pm2j.proxy.files.StaticSite;
import io.pm2j.proxy.forward.Action;
import io.pm2j.proxy.forward.Route;
import io.pm2j.proxy.upstream.EndpointSpec;
import io.pm2j.proxy.upstream.Origin;
import io.pm2j.proxy.upstream.Upstream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Makes routes ready for the data path. Folders are opened once, however many routes show them.
final class RouteMaker {
    private final Proxy proxy;
    private final Function<AppName, Upstream> apps;
    private final Map<ActionSpec.StaticFolder, StaticSite> sites = new HashMap<>();

    RouteMaker(Proxy proxy, Function<AppName, Upstream> apps) {
        this.proxy = proxy;
        this.apps = apps;
    }

    /// @throws EdgeRefused when something that the route names cannot be had
    Route route(RouteSpec spec, Optional<AccessLog> log) throws EdgeRefused {
        int meter = proxy.latencies().routes().of(spec.name());
        return Route.of(spec, action(spec), admission(spec), meter, log.orElse(null));
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

    private Action action(RouteSpec spec) throws EdgeRefused {
        return switch (spec.action()) {
            case ActionSpec.ToApp(AppName app) -> new Action.Forward(apps.apply(app));
            case ActionSpec.ToOrigins(List<OriginSpec> origins) ->
                new Action.Forward(origins("route " + spec.name(), origins));
            case ActionSpec.StaticFolder folder -> new Action.Files(site(folder, spec.name()));
            case ActionSpec.Redirect redirect ->
                new Action.Elsewhere(redirect, spec.match().path());
            case ActionSpec.Respond respond -> Action.Fixed.of(respond);
        };
    }

    private Upstream origins(String name, List<OriginSpec> origins) {
        Upstream upstream = proxy.upstream(name);
        Set<EndpointSpec> endpoints = new HashSet<>();
        for (int i = 0; i < origins.size(); i++) {
            OriginSpec origin = origins.get(i);
            if (origin.weight() > 0) {
                endpoints.add(new EndpointSpec(i, new Origin.At(origin.address()), origin.weight()));
            }
        }
        upstream.admit(endpoints);
        return upstream;
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
