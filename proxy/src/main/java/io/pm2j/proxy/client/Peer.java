package io.pm2j.proxy.client;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// The other end of a connection, with what stays the same for all of its requests.
///
/// Where a PROXY header was demanded, the peer is whom that header names.
public final class Peer {
    private final Client client;
    private final TrustedProxies judge;
    private final boolean trusted;
    private final byte[] lines;

    private Peer(Client client, TrustedProxies judge, byte[] lines) {
        this.client = client;
        this.judge = judge;
        this.lines = lines;
        trusted = judge.trusts(client.address());
    }

    /// @param address of a Unix socket or null: there is no address
    /// @param scheme `http` or `https`
    /// @param port where it connected to; 0 where there is none
    public static Peer of(@Nullable SocketAddress address, String scheme, int port, TrustedProxies proxies) {
        IpAddress ip = address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? IpAddress.of(inet.getAddress())
                : IpAddress.NONE;
        Client client = new Client(ip, ip.text(), scheme, "", port);
        return new Peer(client, proxies, ForwardedFields.constant(client));
    }

    /// The same, trusted or not by `proxies`: a connection outlives a change of them.
    public Peer under(TrustedProxies proxies) {
        return proxies == judge ? this : new Peer(client, proxies, lines);
    }

    /// Whether its word is taken: on the client, and on the request's id.
    public boolean trusted() {
        return trusted;
    }

    /// The peer itself, as the client.
    public Client client() {
        return client;
    }

    /// Who a request comes from. A peer that is not trusted speaks for nobody but itself.
    public Client client(FieldSource fields, TrustedProxies proxies) {
        return trusted ? Chain.of(client, fields, proxies) : client;
    }

    /// The lines that go on with each request of a peer that is not trusted, in place of whatever
    /// it said of itself: all but `X-Forwarded-Host`. Not to be written to.
    public byte[] lines() {
        return lines;
    }
}
