package io.pm2j.config.read;

import io.pm2j.config.Address;
import io.pm2j.config.spec.edge.ActionSpec;
import io.pm2j.config.spec.edge.AddressText;
import io.pm2j.config.spec.edge.EdgeFeature;
import io.pm2j.config.spec.edge.ListenerSpec;
import io.pm2j.config.spec.edge.ListenerSpec.Protocol;
import io.pm2j.config.spec.edge.ListenerSpec.ProxyVersion;
import io.pm2j.config.spec.edge.TlsSpec;
import java.util.Optional;

/// Reads one listener: an address, or an object with `address`, `protocol` and so on.
final class ListenerReader {
    static final String ADDRESSES = "a port, host:port, or unix:/path";

    private final Reading reading;
    private final ActionReader actions;

    ListenerReader(Reading reading, ActionReader actions) {
        this.reading = reading;
        this.actions = actions;
    }

    record Read(Node at, String path, ListenerSpec listener) {}

    Optional<Read> read(Node node, String path) {
        Optional<ListenerSpec> listener = node instanceof Node.Obj object
                ? object(new Keys(reading, object, path))
                : reading.parsed(node, path, ADDRESSES, AddressText::listen).map(ListenerSpec::http);
        return listener.map(one -> new Read(node, path, one));
    }

    private Optional<ListenerSpec> object(Keys keys) {
        Optional<Node> written = keys.of("address", "port");
        if (written.isEmpty()) {
            reading.problem(keys.object(), keys.path(), "address is missing (expected: " + ADDRESSES + ")");
        }
        Optional<Address> address =
                written.flatMap(node -> reading.parsed(node, keys.path("address"), ADDRESSES, AddressText::listen));
        Protocol protocol = keys.of("protocol")
                .flatMap(node -> PolicyReader.constant(reading, node, keys.path("protocol"), Protocol.class))
                .orElse(Protocol.HTTP);
        switch (protocol) {
            case HTTP -> {}
            case TCP -> reading.asksFor(EdgeFeature.TCP, keys.object(), keys.path());
            case UDP -> reading.asksFor(EdgeFeature.UDP, keys.object(), keys.path());
        }
        boolean accept = keys.of(EdgeFeature.PROXY_PROTOCOL)
                .flatMap(node -> reading.flag(node, keys.path("proxy_protocol")))
                .orElse(false);
        Optional<ProxyVersion> send = keys.of(EdgeFeature.SEND_PROXY)
                .filter(node -> !Keys.off(node))
                .flatMap(node -> PolicyReader.constant(reading, node, keys.path("send_proxy"), ProxyVersion.class));
        Optional<Node> secured = keys.of(EdgeFeature.TLS).filter(node -> !Keys.off(node));
        Optional<TlsSpec> tls = secured.flatMap(node -> new TlsReader(reading).read(node, keys.path("tls")));
        boolean target = keys.of("app").isPresent() || keys.of("upstream").isPresent();
        Optional<ActionSpec> forward = target ? actions.read(keys, Optional.empty()) : Optional.empty();
        keys.done();
        if (target && forward.isEmpty() || secured.isPresent() && tls.isEmpty()) {
            return Optional.empty();
        }
        return address.flatMap(at -> reading.made(
                keys.object(), keys.path(), () -> new ListenerSpec(at, protocol, accept, send, tls, forward)));
    }
}
