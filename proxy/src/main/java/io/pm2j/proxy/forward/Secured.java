package io.pm2j.proxy.forward;

import io.pm2j.proxy.http.RequestHead;
import io.pm2j.proxy.tls.Tls;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What TLS has told of a connection.
final class Secured {
    private final Tls tls;
    /// The name that the client wanted a certificate for.
    private final @Nullable String asked;
    private byte[] fits = {};
    /// Whether HTTP/2 was agreed on (RFC 7301).
    final boolean http2;
    /// Whether a request has been begun on it.
    boolean used;

    Secured(Tls tls, @Nullable String asked, boolean http2) {
        this.tls = tls;
        this.asked = asked;
        this.http2 = http2;
    }

    /// RFC 9110 §7.4: whether the request is for a host that is served with another certificate than the one that the
    /// client asked for. A client that named none has asked for any.
    boolean misdirected(byte[] b, RequestHead head) {
        if (asked == null) {
            return false;
        }
        int field = head.hostField();
        int from = head.absoluteForm() ? head.authorityStart() : field < 0 ? 0 : head.valueStart(field);
        int to = head.absoluteForm() ? head.authorityEnd() : field < 0 ? 0 : head.valueEnd(field);
        if (from == to) {
            return false;
        }
        if (to - from == fits.length && Arrays.equals(b, from, to, fits, 0, fits.length)) {
            return false;
        }
        String host = host(new String(b, from, to - from, StandardCharsets.ISO_8859_1));
        if (!host.equals(asked) && !tls.alike(asked, host)) {
            return true;
        }
        fits = Arrays.copyOfRange(b, from, to);
        return false;
    }

    /// Without a port and the dot of the root, in lower case.
    private static String host(String authority) {
        int colon = authority.lastIndexOf(':');
        boolean port = colon > authority.lastIndexOf(']');
        String host = (port ? authority.substring(0, colon) : authority).toLowerCase(Locale.ROOT);
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }
}
