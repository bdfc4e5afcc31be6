package io.pm2j.daemon.edge;

import io.pm2j.config.Address;
import io.pm2j.config.spec.edge.ListenerSpec;
import io.pm2j.config.spec.edge.TlsSpec;
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
import io.pm2j.proxy.tls.BadCertificate;
import io.pm2j.proxy.tls.Certificate;
import io.pm2j.proxy.tls.Tls;
import io.pm2j.proxy.tls.TlsContexts;
import java.util.List;
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
    record Open(Kind kind, Address at, Runnable close, Optional<Routes> routes, Optional<Tls> tls) {
        /// Puts what is served now in the place of what was.
        ///
        /// @throws BadCertificate when a certificate cannot be served; then nothing is changed
        Open become(Serving serving) throws BadCertificate {
            List<Certificate> certificates = List.copyOf(serving.certificates().values());
            if (tls.isPresent() && !tls.get().certificates().equals(certificates)) {
                tls.get().become(certificates);
            }
            routes.ifPresent(all ->
                    all.become(serving.entries(), serving.log().orElse(null), TrustedProxies.of(serving.trusted())));
            return new Open(new Kind(kind.spec(), serving), at, close, routes, tls);
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

    private Open openAt(Address address, ListenerSpec spec, Serving serving)
            throws ListenFailed, EdgeRefused, InterruptedException {
        Optional<Tls> tls = tls(spec, serving);
        try {
            return openAt(address, new Kind(spec, serving), tls);
        } catch (ListenFailed | InterruptedException | RuntimeException e) {
            tls.ifPresent(Tls::close);
            throw e;
        }
    }

    private Optional<Tls> tls(ListenerSpec spec, Serving serving) throws EdgeRefused {
        if (spec.tls().isEmpty()) {
            return Optional.empty();
        }
        TlsSpec said = spec.tls().get();
        // What a tcp listener decrypts is not for us to understand.
        TlsContexts.Terms terms = new TlsContexts.Terms(
                said.least() == TlsSpec.Version.TLS1_3, said.http2() && spec.protocol() == ListenerSpec.Protocol.HTTP);
        try {
            List<Certificate> certificates = List.copyOf(serving.certificates().values());
            return Optional.of(proxy.tls().open(certificates, terms));
        } catch (BadCertificate e) {
            throw new EdgeRefused(e.sentence(), e);
        }
    }

    private Open openAt(Address address, Kind kind, Optional<Tls> tls) throws ListenFailed, InterruptedException {
        ListenerSpec spec = kind.spec();
        Serving serving = kind.serving();
        ListenerOptions options = new ListenerOptions(spec.acceptProxy(), serving.trusted(), spec.sendProxy(), tls);
        return switch (spec.protocol()) {
            case HTTP -> {
                Routes routes =
                        new Routes(serving.entries(), serving.log().orElse(null), TrustedProxies.of(serving.trusted()));
                Listener listener = proxy.listen(address, new Target.Routed(routes), options);
                yield new Open(kind, listener.address(), listener::close, Optional.of(routes), tls);
            }
            case TCP -> {
                Listener listener = proxy.listen(address, new Target.Bytes(serving.upstream()), options);
                yield new Open(kind, listener.address(), listener::close, Optional.empty(), tls);
            }
            case UDP -> {
                Address.Tcp port = (Address.Tcp) address;
                DatagramListener listener = proxy.datagrams(port, serving.upstream(), DatagramOptions.defaults());
                yield new Open(kind, listener.address(), listener::close, Optional.empty(), tls);
            }
        };
    }
}
