package io.pm2j.proxy.http;

/// The authority of a request, `host [":" port]` without userinfo (RFC 9110 §7.2, RFC 3986 §3.2).
final class Authority {
    private static final int MOST_PORT = 65_535;
    private static final int GROUPS = 8;

    private Authority() {}

    /// Whether `[from, to)` is one; a host field may be empty, a target's authority may not.
    static boolean valid(byte[] b, int from, int to) {
        if (from < to && b[from] == '[') {
            int end = from + 1;
            while (end < to && b[end] != ']') {
                end++;
            }
            return end < to && validLiteral(b, from + 1, end) && validPort(b, end + 1, to);
        }
        int i = from;
        while (i < to && b[i] != ':') {
            if (b[i] == '%') {
                if (i + 2 >= to || !isHex(b[i + 1]) || !isHex(b[i + 2])) {
                    return false;
                }
                i += 2;
            } else if (!Tokens.isHost(b[i])) {
                return false;
            }
            i++;
        }
        return validPort(b, i, to);
    }

    /// Nothing, or a colon and at most five digits, which may be none.
    private static boolean validPort(byte[] b, int from, int to) {
        if (from == to) {
            return true;
        }
        if (b[from] != ':' || to - from > 6) {
            return false;
        }
        int port = 0;
        for (int i = from + 1; i < to; i++) {
            if (b[i] < '0' || b[i] > '9') {
                return false;
            }
            port = port * 10 + (b[i] - '0');
        }
        return port <= MOST_PORT;
    }

    private static boolean validLiteral(byte[] b, int from, int to) {
        return from < to && (b[from] == 'v' || b[from] == 'V') ? validFuture(b, from, to) : validIpv6(b, from, to);
    }

    /// `"v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )`.
    private static boolean validFuture(byte[] b, int from, int to) {
        int i = from + 1;
        while (i < to && isHex(b[i])) {
            i++;
        }
        if (i == from + 1 || i + 1 >= to || b[i] != '.') {
            return false;
        }
        for (i++; i < to; i++) {
            if (b[i] != ':' && !Tokens.isHost(b[i])) {
                return false;
            }
        }
        return true;
    }

    /// Eight groups of hex digits, or fewer and one `::`; an IPv4 address may stand for the last two.
    private static boolean validIpv6(byte[] b, int from, int to) {
        int groups = 0;
        boolean gap = false;
        int i = from;
        if (to - from >= 2 && b[from] == ':' && b[from + 1] == ':') {
            gap = true;
            i = from + 2;
        }
        while (i < to) {
            int end = i;
            while (end < to && isHex(b[end])) {
                end++;
            }
            if (end < to && b[end] == '.') {
                groups += 2;
                return validIpv4(b, i, to) && complete(groups, gap);
            }
            if (end == i || end - i > 4) {
                return false;
            }
            groups++;
            i = end;
            if (i < to) {
                if (b[i] != ':' || i + 1 == to) {
                    return false;
                }
                i++;
                if (b[i] == ':') {
                    if (gap) {
                        return false;
                    }
                    gap = true;
                    i++;
                }
            }
        }
        return complete(groups, gap);
    }

    private static boolean complete(int groups, boolean gap) {
        return gap ? groups < GROUPS : groups == GROUPS;
    }

    private static boolean validIpv4(byte[] b, int from, int to) {
        int i = from;
        for (int part = 0; part < 4; part++) {
            int start = i;
            int value = 0;
            while (i < to && i - start < 3 && b[i] >= '0' && b[i] <= '9') {
                value = value * 10 + (b[i++] - '0');
            }
            boolean leadingZero = i - start > 1 && b[start] == '0';
            if (i == start || value > 255 || leadingZero || part < 3 && (i >= to || b[i++] != '.')) {
                return false;
            }
        }
        return i == to;
    }

    private static boolean isHex(byte c) {
        return c >= 0 && Character.digit(c, 16) >= 0;
    }
}
