package io.pm2j.proxy.client;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a trusted peer says of those before it.
///
/// The walk goes from the right, where the peer itself wrote, and ends at the first address that
/// is not trusted: that one is the client, whatever stands before it. It also ends at whatever is
/// no address; the last one that was is then the client.
///
/// `X-Forwarded-For` counts where there is one, and `Forwarded` (RFC 7239) where there is not:
/// most proxies write the first and let a client's own `Forwarded` pass.
final class Chain {
    private static final int LONGEST_HOST = 260;

    private Chain() {}

    static Client of(Client peer, FieldSource fields, TrustedProxies proxies) {
        CharSequence plain = fields.header("x-forwarded-for");
        if (plain != null) {
            return plain(peer, plain.toString(), fields, proxies);
        }
        CharSequence forwarded = fields.header("forwarded");
        return forwarded == null
                ? named(peer, peer.address(), fields, 0, 0)
                : forwarded(peer, Forwarded.fromTheRight(forwarded.toString()), proxies);
    }

    private static Client plain(Client peer, String value, FieldSource fields, TrustedProxies proxies) {
        IpAddress found = peer.address();
        int steps = 0;
        int end = value.length();
        while (end >= 0) {
            int comma = value.lastIndexOf(',', end - 1);
            IpAddress address = node(value.substring(comma + 1, end).strip());
            if (address == null) {
                break;
            }
            found = address;
            steps++;
            end = comma;
            if (!proxies.trusts(address)) {
                break;
            }
        }
        return named(peer, found, fields, steps, members(value));
    }

    /// @param steps how many members from the right `address` stands; 0 is the peer itself
    private static Client named(Client peer, IpAddress address, FieldSource fields, int steps, int members) {
        String scheme = scheme(member(fields, "x-forwarded-proto", steps, members));
        String host = host(member(fields, "x-forwarded-host", steps, members));
        int port = port(member(fields, "x-forwarded-port", steps, members));
        return client(peer, address, scheme, host, port);
    }

    private static Client forwarded(Client peer, List<Forwarded> fromTheRight, TrustedProxies proxies) {
        Client found = peer;
        for (Forwarded element : fromTheRight) {
            IpAddress address = node(element.forNode());
            if (address == null) {
                break;
            }
            found = client(peer, address, scheme(element.proto()), host(element.host()), 0);
            if (!proxies.trusts(address)) {
                break;
            }
        }
        return found;
    }

    private static Client client(Client peer, IpAddress address, String scheme, String host, int port) {
        int named = port > 0 ? port : portOf(host);
        int local = scheme.isEmpty() ? peer.port() : scheme.equals("https") ? 443 : 80;
        String ip = address.equals(peer.address()) ? peer.ip() : address.text();
        return new Client(address, ip, scheme.isEmpty() ? peer.scheme() : scheme, host, named > 0 ? named : local);
    }

    /// Of a list as long as that of the addresses the member at the same place; of another the
    /// last, since only that one is the peer's for certain.
    private static String member(FieldSource fields, String name, int steps, int members) {
        CharSequence said = fields.header(name);
        if (said == null) {
            return "";
        }
        String value = said.toString();
        int back = members(value) == members ? steps : 1;
        int end = value.length();
        for (int i = 1; i < back; i++) {
            end = value.lastIndexOf(',', end - 1);
        }
        return value.substring(value.lastIndexOf(',', end - 1) + 1, end).strip();
    }

    private static int members(String value) {
        int members = 1;
        for (int i = 0; i < value.length(); i++) {
            members += value.charAt(i) == ',' ? 1 : 0;
        }
        return members;
    }

    /// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`; null
    /// for anything else, such as `unknown` or a name of RFC 7239 §6.3.
    private static @Nullable IpAddress node(String text) {
        if (text.startsWith("[")) {
            int close = text.indexOf(']');
            boolean six = close > 0 && text.indexOf(':') < close;
            boolean port = close + 1 == text.length() || text.startsWith(":", close + 1) && port(text, close + 2) > 0;
            return six && port ? IpAddress.parse(text.substring(1, close)) : null;
        }
        int colon = text.indexOf(':');
        boolean port = colon > 0 && colon == text.lastIndexOf(':') && port(text, colon + 1) > 0;
        return IpAddress.parse(port ? text.substring(0, colon) : text);
    }

    private static String scheme(String text) {
        String lower = text.length() > 5 ? "" : text.toLowerCase(Locale.ROOT);
        return lower.equals("http") || lower.equals("https") ? lower : "";
    }

    private static String host(String text) {
        boolean plain = text.length() <= LONGEST_HOST && text.chars().allMatch(Chain::isHost);
        int colon = text.lastIndexOf(':');
        boolean port = colon <= text.lastIndexOf(']') || colon > 0 && port(text, colon + 1) > 0;
        return plain && port ? text : "";
    }

    private static boolean isHost(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-._~:[]".indexOf(c) >= 0;
    }

    private static int portOf(String host) {
        int colon = host.lastIndexOf(':');
        return colon <= host.lastIndexOf(']') ? 0 : port(host, colon + 1);
    }

    private static int port(String text) {
        return port(text, 0);
    }

    /// 0 when it is none.
    private static int port(String text, int from) {
        int length = text.length() - from;
        if (length < 1 || length > 5) {
            return 0;
        }
        int port = 0;
        for (int i = from; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return 0;
            }
            port = 10 * port + digit;
        }
        return port <= 65_535 ? port : 0;
    }
}
