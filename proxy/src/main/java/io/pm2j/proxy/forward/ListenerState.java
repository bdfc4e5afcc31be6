package io.pm2j.proxy.forward;

import io.pm2j.proxy.accesslog.AccessLog;
import io.pm2j.proxy.client.TrustedProxies;
import io.pm2j.proxy.measure.RouteMeters;
import io.pm2j.proxy.route.RequestView;
import io.pm2j.proxy.tls.Tls;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the connections of one listener share.
public final class ListenerState {
    /// Who speaks first here, learned from the connections.
    enum Speaks {
        UNKNOWN,
        HTTP,
        SERVER_FIRST
    }

    private final ListenerOptions options;
    private final boolean bytes;
    private final @Nullable Route only;
    private final @Nullable Routes routes;
    private volatile Speaks speaks = Speaks.UNKNOWN;
    private volatile boolean answersHttp;
    private volatile boolean closing;
    private volatile int port;

    public ListenerState(Target target, ListenerOptions options, RouteMeters meters) {
        this.options = options;
        bytes = target instanceof Target.Bytes;
        only = switch (target) {
            case Target.App(var upstream) -> Route.to(upstream, meters);
            case Target.Bytes(var upstream) -> Route.to(upstream, meters);
            case Target.Site(var site) -> Route.to(site, meters);
            case Target.Routed _ -> null;
        };
        routes = target instanceof Target.Routed(Routes all) ? all : null;
    }

    ListenerOptions options() {
        return options;
    }

    /// How TLS is spoken here, if it is.
    public Optional<Tls> tls() {
        return options.tls();
    }

    /// Whether what comes is no HTTP, whatever it looks like.
    boolean bytes() {
        return bytes;
    }

    /// Where everything goes that comes here; null when that depends on the request.
    @Nullable
    Route only() {
        return only;
    }

    /// Where a request is told of that `route` takes.
    @Nullable
    AccessLog log(Route route) {
        AccessLog own = route.log();
        Routes known = routes;
        return own == null && known != null ? known.log() : own;
    }

    /// Whose word on the client is taken.
    TrustedProxies trusted() {
        Routes known = routes;
        return known == null ? TrustedProxies.NONE : known.trusted();
    }

    Route find(RequestView request) {
        Routes known = routes;
        Route route = only;
        if (route != null) {
            return route;
        }
        return known == null ? Route.NOT_FOUND : known.find(request);
    }

    Speaks speaks() {
        return speaks;
    }

    void learned(Speaks what) {
        if (speaks == Speaks.UNKNOWN) {
            speaks = what;
        }
    }

    /// Whether a request has been answered here: from then on whatever begins like text is judged as a
    /// request, so that a bad one is refused and not passed on as another protocol's.
    boolean answersHttp() {
        return answersHttp;
    }

    void learnedToAnswerHttp() {
        if (!answersHttp) {
            answersHttp = true;
        }
    }

    /// What was learned of the connections here, for [#know].
    public String known() {
        return speaks + (answersHttp ? " answers" : "");
    }

    /// Has been learned before.
    public void know(String text) {
        speaks = Speaks.valueOf(text.split(" ", 2)[0]);
        answersHttp = text.endsWith(" answers");
    }

    public void bound(int actualPort) {
        port = actualPort;
    }

    int port() {
        return port;
    }

    public void startClosing() {
        closing = true;
    }

    boolean closing() {
        return closing;
    }
}
