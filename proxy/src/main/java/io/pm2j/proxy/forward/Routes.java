package io.pm2j.proxy.forward;

import io.pm2j.proxy.accesslog.AccessLog;
import io.pm2j.proxy.client.TrustedProxies;
import io.pm2j.proxy.route.PathReading;
import io.pm2j.proxy.route.RequestView;
import io.pm2j.proxy.route.RouteTable;
import io.pm2j.proxy.route.RouteTable.Found;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The routes of a listener. Any thread may [#become] others; a request is treated by those it met.
public final class Routes {
    private volatile Now now;

    /// `log` is for requests that no route takes.
    private record Now(RouteTable<Route> table, @Nullable AccessLog log, TrustedProxies trusted) {}

    /// Of those `trusted` the word on the client is taken.
    public Routes(List<RouteTable.Entry<Route>> entries, @Nullable AccessLog log, TrustedProxies trusted) {
        now = new Now(RouteTable.of(entries), log, trusted);
    }

    /// Replaces all of them at once.
    public void become(List<RouteTable.Entry<Route>> entries, @Nullable AccessLog log, TrustedProxies trusted) {
        now = new Now(RouteTable.of(entries), log, trusted);
    }

    TrustedProxies trusted() {
        return now.trusted;
    }

    /// Where requests are told of that no route takes.
    @Nullable
    AccessLog log() {
        return now.log;
    }

    Route find(RequestView request) {
        return switch (now.table.find(request)) {
            case Found.To<Route>(Route route) -> route;
            case Found.None<Route> _ -> Route.NOT_FOUND;
            case Found.Refused<Route>(PathReading.Fault fault) -> Route.refusing(fault);
        };
    }
}
