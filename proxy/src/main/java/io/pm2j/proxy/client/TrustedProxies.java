package io.pm2j.proxy.client;

import io.pm2j.config.spec.edge.Cidr;
import java.util.List;

/// Whose word on the client is taken.
///
/// The peer of a Unix socket has no address. It runs on this machine and may open the socket's
/// file, so it is trusted where this machine is: when a block holds `127.0.0.1` or `::1`.
public final class TrustedProxies {

    private static final IpAddress LOOPBACK_4 = IpAddress.of(new byte[] {127, 0, 0, 1});
    private static final IpAddress LOOPBACK_6 = new IpAddress(0, 1);

    public static final TrustedProxies NONE = new TrustedProxies(IpBlocks.EMPTY);

    private final IpBlocks blocks;
    private final boolean local;

    private TrustedProxies(IpBlocks blocks) {
        this.blocks = blocks;
        local = blocks.contains(LOOPBACK_4) || blocks.contains(LOOPBACK_6);
    }

    public static TrustedProxies of(List<Cidr> blocks) {
        return blocks.isEmpty() ? NONE : new TrustedProxies(IpBlocks.of(blocks));
    }

    public boolean trusts(IpAddress address) {
        return address.isNone() ? local : blocks.contains(address);
    }
}
