package io.pm2j.proxy.forward;

import io.pm2j.config.spec.edge.Cidr;
import io.pm2j.config.spec.edge.ListenerSpec.ProxyVersion;
import io.pm2j.proxy.tls.Tls;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How the connections of one listener begin, on either side.
///
/// - `acceptProxy`: each client's begins with a PROXY header, and comes from one of `trusted`
/// - `sendProxy`: each upstream connection begins with a PROXY header for the client, and is
///   not shared with others
/// - `tls`: clients speak TLS, after a PROXY header if any
public record ListenerOptions(
        boolean acceptProxy, List<Cidr> trusted, Optional<ProxyVersion> sendProxy, Optional<Tls> tls) {
    /// Neither takes nor sends PROXY headers, nor speaks TLS.
    public static final ListenerOptions PLAIN =
            new ListenerOptions(false, List.of(), Optional.empty(), Optional.empty());

    public ListenerOptions {
        trusted = List.copyOf(trusted);
    }

    /// Who can open a Unix socket has been let in by its file's permissions.
    boolean trusts(@Nullable SocketAddress peer) {
        if (!(peer instanceof InetSocketAddress inet)) {
            return true;
        }
        byte[] address = inet.getAddress().getAddress();
        return trusted.stream().anyMatch(block -> block.contains(address));
    }
}
