package io.pm2j.proxy.forward;

import io.pm2j.config.spec.edge.BalanceSpec;
import io.pm2j.proxy.upstream.Cookies;
import org.jspecify.annotations.Nullable;

/// The cookie that brings a client back to the endpoint that it had.
record Sticky(String cookie, String attributes) {
    Sticky(BalanceSpec.Sticky spec) {
        this(
                spec.cookie(),
                "; Path=/; HttpOnly; SameSite=Lax"
                        + spec.maxAge()
                                .map(age -> "; Max-Age=" + age.toSeconds())
                                .orElse(""));
    }

    /// What the client has brought; null when it has none.
    @Nullable
    CharSequence brought(RequestReading asked) {
        CharSequence line = asked.header("cookie");
        if (line == null) {
            return null;
        }
        long at = Cookies.find(line, cookie);
        return at < 0 ? null : line.subSequence(Cookies.start(at), Cookies.end(at));
    }

    /// The line that gives it `value`.
    String line(String value) {
        return "Set-Cookie: " + cookie + "=" + value + attributes + "\r\n";
    }
}
