package io.pm2j.config.spec.edge;

import io.pm2j.config.Address;
import java.util.Optional;

/// An address that the edge opens.
///
/// An `http` listener is routed by [RouteSpec]s; a `tcp` or `udp` one sends all it gets to
/// `forward`, and has one.
///
/// @param acceptProxy whether each client must begin with a PROXY header and be a trusted proxy
/// @param sendProxy the PROXY header with which its connections to origins begin
/// @param tls how its clients speak TLS, if they do; it ends here
public record ListenerSpec(
        Address address,
        Protocol protocol,
        boolean acceptProxy,
        Optional<ProxyVersion> sendProxy,
        Optional<TlsSpec> tls,
        Optional<ActionSpec> forward) {
    /// What is spoken at an address.
    public enum Protocol {
        HTTP,
        TCP,
        UDP
    }

    /// A version of HAProxy's PROXY protocol.
    public enum ProxyVersion {
        V1,
        V2
    }

    public ListenerSpec {
        boolean http = protocol == Protocol.HTTP;
        Rules.require(
                http || forward.isPresent(),
                "nowhere to go",
                "app or upstream, where the bytes of a tcp or udp listener go");
        Rules.require(
                !http || forward.isEmpty(), "an http listener with a target", "routes that say where requests go");
        boolean bytes = forward.isEmpty()
                || forward.get() instanceof ActionSpec.ToApp
                || forward.get() instanceof ActionSpec.ToOrigins;
        Rules.require(bytes, "an answer of HTTP's", "app or upstream for a tcp or udp listener");
        boolean datagram = protocol == Protocol.UDP;
        Rules.require(!datagram || address instanceof Address.Tcp, address.toString(), "a host and a port for udp");
        Rules.require(!datagram || !acceptProxy, "proxy_protocol with udp", "http or tcp");
        // Receivers disagree whether it comes with every datagram or with a client's first.
        Rules.require(!datagram || sendProxy.isEmpty(), "send_proxy with udp", "http or tcp");
        Rules.require(!datagram || tls.isEmpty(), "tls with udp", "http or tcp");
    }

    public static ListenerSpec http(Address address) {
        return new ListenerSpec(address, Protocol.HTTP, false, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /// Whether the two are the same but for the certificates, which can be changed while it is open.
    public boolean sameDoor(ListenerSpec other) {
        return address.equals(other.address)
                && protocol == other.protocol
                && acceptProxy == other.acceptProxy
                && sendProxy.equals(other.sendProxy)
                && tls.isPresent() == other.tls.isPresent()
                && tls.stream().allMatch(own -> own.sameTerms(other.tls.orElse(own)))
                && forward.equals(other.forward);
    }

    /// Whether the two cannot be open at once.
    public boolean clashesWith(ListenerSpec other) {
        boolean datagram = protocol == Protocol.UDP;
        return address.equals(other.address) && datagram == (other.protocol == Protocol.UDP);
    }
}
