package io.pm2j.proxy.forward;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.edge.ActionSpec;
import io.pm2j.config.spec.edge.BalanceSpec.Policy;
import io.pm2j.config.spec.edge.ClientKey;
import io.pm2j.config.spec.edge.PolicySpec;
import io.pm2j.config.spec.edge.RetrySpec;
import io.pm2j.config.spec.edge.RouteSpec;
import io.pm2j.proxy.accesslog.AccessLog;
import io.pm2j.proxy.admission.Admission;
import io.pm2j.proxy.files.StaticSite;
import io.pm2j.proxy.measure.RouteMeters;
import io.pm2j.proxy.route.PathReading;
import io.pm2j.proxy.route.Rewrite;
import io.pm2j.proxy.upstream.Upstream;
import java.nio.charset.StandardCharsets;
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
            REFUSED.put(
                    fault,
                    new Route(
                            "refused", Action.Refuse.of(fault), PolicySpec.DEFAULT, null, 0, null, "", Admission.OPEN));
        }
    }

    private final String name;
    private final Action action;
    private final Rewrite rewrite;
    private final HeadRules request;
    private final HeadRules response;
    private final @Nullable StepTimes times;
    private final Admission admission;
    private final RetrySpec retries;
    private final long hedgeMs;
    private final @Nullable ClientKey key;
    private final @Nullable Sticky sticky;
    private final int meter;
    private final @Nullable AccessLog log;
    private final byte[] nameBytes;
    private final byte[] appBytes;

    private Route(
            String name,
            Action action,
            PolicySpec policy,
            @Nullable StepTimes times,
            int meter,
            @Nullable AccessLog log,
            String app,
            Admission admission) {
        this.name = name;
        this.action = action;
        this.times = times;
        retries = policy.retries();
        hedgeMs = StepTimes.orNever(retries.hedge());
        key = policy.balance().policy() instanceof Policy.Hash(ClientKey by) ? by : null;
        sticky = policy.balance().sticky().map(Sticky::new).orElse(null);
        this.meter = meter;
        this.log = log;
        nameBytes = name.getBytes(StandardCharsets.UTF_8);
        appBytes = app.getBytes(StandardCharsets.UTF_8);
        rewrite = Rewrite.of(policy.path());
        this.admission = admission;
        request = HeadRules.of(policy.requestHeaders(), admission.droppedFromRequest());
        response = HeadRules.of(policy.responseHeaders(), admission.droppedFromResponse());
    }

    /// A route of the configuration.
    ///
    /// @param meter what its latencies are recorded as, see [io.pm2j.proxy.measure.RouteMeters]
    public static Route of(RouteSpec spec, Action action, Admission admission, int meter, @Nullable AccessLog log) {
        StepTimes times = StepTimes.of(spec.policy().timeouts());
        String app = spec.action() instanceof ActionSpec.ToApp(AppName name) ? name.text() : "";
        return new Route(spec.name(), action, spec.policy(), times, meter, log, app, admission);
    }

    /// Everything that comes to a listener which an app opened.
    static Route to(Upstream upstream, RouteMeters meters) {
        String name = upstream.name();
        return new Route(
                name,
                new Action.Forward(upstream),
                PolicySpec.DEFAULT,
                null,
                meters.of(name),
                null,
                name,
                Admission.OPEN);
    }

    /// Everything that comes to a listener of a site.
    static Route to(StaticSite site, RouteMeters meters) {
        return new Route(
                "site", new Action.Files(site), PolicySpec.DEFAULT, null, meters.of("site"), null, "", Admission.OPEN);
    }

    private static Route said(String name, Answer answer) {
        return new Route(name, new Action.Fixed(answer), PolicySpec.DEFAULT, null, 0, null, "", Admission.OPEN);
    }

    /// For a request that cannot be looked up.
    static Route refusing(PathReading.Fault fault) {
        return REFUSED.getOrDefault(fault, NOT_FOUND);
    }

    /// What logs and metrics call it.
    public String name() {
        return name;
    }

    byte[] nameBytes() {
        return nameBytes;
    }

    /// The app whose workers answer; empty when none does.
    byte[] appBytes() {
        return appBytes;
    }

    /// What its latencies are recorded as.
    int meter() {
        return meter;
    }

    @Nullable
    AccessLog log() {
        return log;
    }

    Action action() {
        return action;
    }

    /// What becomes of the path.
    Rewrite rewrite() {
        return rewrite;
    }

    /// Who may come in.
    Admission admission() {
        return admission;
    }

    HeadRules request() {
        return request;
    }

    HeadRules response() {
        return response;
    }

    /// The bytes that a request's body may have.
    long mostBody() {
        return admission.mostBodyBytes();
    }

    /// What tells requests apart that are to go to the same endpoint; null when nothing does.
    @Nullable
    ClientKey key() {
        return key;
    }

    @Nullable
    Sticky sticky() {
        return sticky;
    }

    /// When a request is sent again.
    RetrySpec retries() {
        return retries;
    }

    /// After how many milliseconds without an answer a request goes to a second endpoint; [Timed#NEVER] for never.
    long hedgeMs() {
        return hedgeMs;
    }

    StepTimes times(Limits usual) {
        StepTimes own = times;
        return own == null ? usual.steps() : own;
    }
}
