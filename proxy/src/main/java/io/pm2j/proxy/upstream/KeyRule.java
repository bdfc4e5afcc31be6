package io.pm2j.proxy.upstream;

import io.pm2j.config.spec.edge.ClientKey;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// A request's key as a number, for a hash: no allocation.
///
/// A request without the field or the cookie is spread by chance, not sent all to one.
public final class KeyRule {
    private static final int IPV4 = 4;
    private static final int IPV6 = 16;
    private static final int IPV6_NETWORK = 8;
    private static final int MAPPED = 12;

    private KeyRule() {}

    public static long key(ClientKey rule, KeyView request) {
        return switch (rule) {
            case ClientKey.Ip() -> ip(request.client());
            case ClientKey.UrlPath() -> Hash.of(request.path());
            case ClientKey.Header(String name) -> text(request.header(name));
            case ClientKey.Cookie(String name) -> {
                CharSequence line = request.header("cookie");
                yield line == null ? chance() : cookie(line, name);
            }
        };
    }

    private static long text(@Nullable CharSequence value) {
        return value == null ? chance() : Hash.of(value);
    }

    private static long cookie(CharSequence line, String name) {
        long at = Cookies.find(line, name);
        return at < 0 ? chance() : Hash.of(line, Cookies.start(at), Cookies.end(at));
    }

    /// An IPv6 client is its network, the first 64 bits: it has all addresses of it (RFC 4291 §2.5.4). An IPv4 address
    /// stays the same when it comes mapped (§2.5.5.2 there).
    private static long ip(byte[] address) {
        return switch (address.length) {
            case IPV4 -> Hash.of(address, 0, IPV4);
            case IPV6 -> mapped(address) ? Hash.of(address, MAPPED, IPV6) : Hash.of(address, 0, IPV6_NETWORK);
            default -> chance();
        };
    }

    private static boolean mapped(byte[] address) {
        for (int i = 0; i < MAPPED; i++) {
            if (address[i] != (i < MAPPED - 2 ? 0 : (byte) 0xff)) {
                return false;
            }
        }
        return true;
    }

    private static long chance() {
        return ThreadLocalRandom.current().nextLong();
    }
}
