package io.pm2j.proxy.forward;

import io.pm2j.proxy.route.PathReading;
import io.pm2j.proxy.route.RequestView;
import io.pm2j.proxy.route.RouteTable;
import io.pm2j.proxy.route.RouteTable.Found;
import java.util.List;

/// The routes of a listener. Any thread may [#become] others; a request is treated by those it met.
public final class Routes {
    private volatile RouteTable<Route> table;

    public Routes(List<RouteTable.Entry<Route>> entries) {
        table = RouteTable.of(entries);
    }

    /// Replaces all of them at once.
    public void become(List<RouteTable.Entry<Route>> entries) {
        table = RouteTable.of(entries);
    }

    Route find(RequestView request) {
        return switch (table.find(request)) {
            case Found.To<Route>(Route route) -> route;
            case Found.None<Route> _ -> Route.NOT_FOUND;
            case Found.Refused<Route>(PathReading.Fault fault) -> Route.refusing(fault);
        };
    }
}
