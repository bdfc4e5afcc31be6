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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens listeners, as their specs say.
final class Doors {
    private static final Logger LOG = LoggerFactory.getLogger(Doors.class);

    private final Proxy proxy;

    Doors(Proxy proxy) {
        this.proxy = proxy;
    }

    /// A listener that is open `at` an address; an http one has routes.
    record Open(Kind kind, Address at, Runnable close, Optional<Routes> routes) {
        /// Puts what is served now in the place of what was.
        Open become(Serving serving) {
            routes.ifPresent(all ->
                    all.become(serving.entries(), serving.log().orElse(null), TrustedProxies.of(serving.trusted())));
            return new Open(new Kind(kind.spec(), serving), at, close, routes);
        }
    }

    /// How it was opened.
    record Kind(ListenerSpec spec, Serving serving) {}

    /// Opens it at `first`, or else where `spec` says.
    ///
    /// @throws EdgeRefused when the address cannot be had, with its holder
    Open open(ListenerSpec spec, Serving serving, Address first) throws EdgeRefused, InterruptedException {
        Address wanted = spec.address();
        try {
            if (!first.equals(wanted)) {
                try {
                    return openAt(first, spec, serving);
                } catch (ListenFailed e) {
                    LOG.info("{} has another port than before: {}", wanted, PortHolder.explain(first, e.errno()));
                }
            }
            Open open = openAt(wanted, spec, serving);
            if (!open.at().equals(wanted)) {
                LOG.info("{} listens at {}", wanted, open.at());
            }
            return open;
        } catch (ListenFailed e) {
            throw new EdgeRefused(PortHolder.explain(wanted, e.errno()), e);
        }
    }

    private Open openAt(Address address, ListenerSpec spec, Serving serving) throws ListenFailed, InterruptedException {
        Kind kind = new Kind(spec, serving);
        ListenerOptions options =
                new ListenerOptions(spec.acceptProxy(), serving.trusted(), spec.sendProxy(), Optional.empty());
        return switch (spec.protocol()) {
            case HTTP -> {
                Routes routes =
                        new Routes(serving.entries(), serving.log().orElse(null), TrustedProxies.of(serving.trusted()));
                Listener listener = proxy.listen(address, new Target.Routed(routes), options);
                yield new Open(kind, listener.address(), listener::close, Optional.of(routes));
            }
            case TCP -> {
                Listener listener = proxy.listen(address, new Target.Bytes(serving.upstream()), options);
                yield new Open(kind, listener.address(), listener::close, Optional.empty());
            }
            case UDP -> {
                Address.Tcp port = (Address.Tcp) address;
                DatagramListener listener = proxy.datagrams(port, serving.upstream(), DatagramOptions.defaults());
                yield new Open(kind, listener.address(), listener::close, Optional.empty());
            }
        };
    }
}
