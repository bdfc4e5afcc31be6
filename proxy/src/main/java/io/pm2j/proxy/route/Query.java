package io.pm2j.proxy.route;

import io.pm2j.config.spec.edge.UriPath;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Parameters in a query, in the form that HTML forms give them: `a=1&b=2`. Pure.
public final class Query {
    private Query() {}

    /// The first value of a parameter, decoded; empty for `?name`, null when it is not there.
    ///
    /// The octets of the value are its characters. A `%` without two hexadecimal digits stands
    /// for itself.
    public static @Nullable String first(CharSequence query, String name) {
        byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
        int start = 0;
        while (start <= query.length()) {
            int end = end(query, start, '&', query.length());
            int equals = end(query, start, '=', end);
            if (end > start && named(query, start, equals, wanted)) {
                return equals < end ? decoded(query, equals + 1, end) : "";
            }
            start = end + 1;
        }
        return null;
    }

    private static int end(CharSequence query, int from, char mark, int most) {
        for (int i = from; i < most; i++) {
            if (query.charAt(i) == mark) {
                return i;
            }
        }
        return most;
    }

    private static boolean named(CharSequence query, int from, int to, byte[] name) {
        int at = from;
        for (byte wanted : name) {
            if (at >= to) {
                return false;
            }
            int octet = octet(query, at, to);
            if (octet != (wanted & 0xff)) {
                return false;
            }
            at += width(query, at, to);
        }
        return at == to;
    }

    private static String decoded(CharSequence query, int from, int to) {
        StringBuilder text = new StringBuilder(to - from);
        for (int at = from; at < to; at += width(query, at, to)) {
            text.append((char) octet(query, at, to));
        }
        return text.toString();
    }

    private static int octet(CharSequence query, int at, int to) {
        char c = query.charAt(at);
        if (width(query, at, to) == 3) {
            return UriPath.octet(query, at);
        }
        return c == '+' ? ' ' : c;
    }

    private static int width(CharSequence query, int at, int to) {
        boolean encoded = query.charAt(at) == '%' && at + 2 < to && UriPath.octet(query, at) >= 0;
        return encoded ? 3 : 1;
    }
}
