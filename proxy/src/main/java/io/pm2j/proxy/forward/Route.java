package io.pm2j.proxy.forward;

import io.pm2j.config.spec.edge.PolicySpec;
import io.pm2j.config.spec.edge.RouteSpec;
import io.pm2j.proxy.files.StaticSite;
import io.pm2j.proxy.route.PathReading;
import io.pm2j.proxy.route.Rewrite;
import io.pm2j.proxy.upstream.Upstream;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is done with the requests of one kind, and how they are treated on the way: a [RouteSpec], ready
/// for the data path. Immutable but for what its action holds; shared by all loops.
public final class Route {
    /// Before a connection has asked for anything.
    static final Route NONE = said("", Answer.NOT_FOUND);

    static final Route NOT_FOUND = said("not found", Answer.NOT_FOUND);
    private static final Map<PathReading.Fault, Route> REFUSED = new EnumMap<>(PathReading.Fault.class);

    static {
        for (PathReading.Fault fault : PathReading.Fault.values()) {
            REFUSED.put(fault, new Route("refused", Action.Refuse.of(fault), PolicySpec.DEFAULT, null));
        }
    }

    private final String name;
    private final Action action;
    private final Rewrite rewrite;
    private final HeadRules request;
    private final HeadRules response;
    private final @Nullable StepTimes times;
    private final long mostBody;

    private Route(String name, Action action, PolicySpec policy, @Nullable StepTimes times) {
        this.name = name;
        this.action = action;
        this.times = times;
        rewrite = Rewrite.of(policy.path());
        request = HeadRules.of(policy.requestHeaders());
        response = HeadRules.of(policy.responseHeaders());
        mostBody = policy.limits().body().orElse(Long.MAX_VALUE);
    }

    /// A route of the configuration.
    public static Route of(RouteSpec spec, Action action) {
        return new Route(
                spec.name(), action, spec.policy(), StepTimes.of(spec.policy().timeouts()));
    }

    /// Everything that comes to a listener which an app opened.
    static Route to(Upstream upstream) {
        return new Route(upstream.name(), new Action.Forward(upstream), PolicySpec.DEFAULT, null);
    }

    /// Everything that comes to a listener of a site.
    static Route to(StaticSite site) {
        return new Route("site", new Action.Files(site), PolicySpec.DEFAULT, null);
    }

    private static Route said(String name, Answer answer) {
        return new Route(name, new Action.Fixed(answer), PolicySpec.DEFAULT, null);
    }

    /// For a request that cannot be looked up.
    static Route refusing(PathReading.Fault fault) {
        return REFUSED.getOrDefault(fault, NOT_FOUND);
    }

    /// What logs and metrics call it.
    public String name() {
        return name;
    }

    Action action() {
        return action;
    }

    /// What becomes of the path.
    Rewrite rewrite() {
        return rewrite;
    }

    HeadRules request() {
        return request;
    }

    HeadRules response() {
        return response;
    }

    /// The bytes that a request's body may have.
    long mostBody() {
        return mostBody;
    }

    StepTimes times(Limits usual) {
        StepTimes own = times;
        return own == null ? usual.steps() : own;
    }
}
