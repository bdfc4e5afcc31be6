package io.pm2j.daemon.edge;

import io.pm2j.config.Address;
import io.pm2j.config.spec.edge.ListenerSpec;
import io.pm2j.daemon.traffic.PortHolder;
import io.pm2j.proxy.Listener;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.client.TrustedProxies;
import io.pm2j.proxy.datagram.DatagramListener;
import io.pm2j.proxy.datagram.DatagramOptions;
import io.pm2j.proxy.forward.ListenerOptions;
import io.pm2j.proxy.forward.Routes;
import io.pm2j.proxy.forward.Target;
import io.pm2j.proxy.listen.ListenFailed;
import java.util.Optional;

/// Opens listeners, as their specs say.
final class Doors {
    private final Proxy proxy;

    Doors(Proxy proxy) {
        this.proxy = proxy;
    }

    /// An open listener; an http one has routes.
    record Open(Kind kind, Runnable close, Optional<Routes> routes) {
        /// Puts what is served now in the place of what was.
        Open become(Serving serving) {
            routes.ifPresent(all ->
                    all.become(serving.entries(), serving.log().orElse(null), TrustedProxies.of(serving.trusted())));
            return new Open(new Kind(kind.spec(), serving), close, routes);
        }
    }

    /// How it was opened.
    record Kind(ListenerSpec spec, Serving serving) {}

    /// @throws EdgeRefused when the address cannot be had, with its holder
    Open open(ListenerSpec spec, Serving serving) throws EdgeRefused, InterruptedException {
        Kind kind = new Kind(spec, serving);
        ListenerOptions options = new ListenerOptions(spec.acceptProxy(), serving.trusted(), spec.sendProxy());
        Address address = spec.address();
        try {
            return switch (spec.protocol()) {
                case HTTP -> {
                    Routes routes = new Routes(
                            serving.entries(), serving.log().orElse(null), TrustedProxies.of(serving.trusted()));
                    Listener listener = proxy.listen(address, new Target.Routed(routes), options);
                    yield new Open(kind, listener::close, Optional.of(routes));
                }
                case TCP -> {
                    Listener listener = proxy.listen(address, new Target.Bytes(serving.upstream()), options);
                    yield new Open(kind, listener::close, Optional.empty());
                }
                case UDP -> {
                    Address.Tcp port = (Address.Tcp) address;
                    DatagramListener listener = proxy.datagrams(port, serving.upstream(), DatagramOptions.defaults());
                    yield new Open(kind, listener::close, Optional.empty());
                }
            };
        } catch (ListenFailed e) {
            throw new EdgeRefused(PortHolder.explain(address, e.errno()), e);
        }
    }
}
