package io.pm2j.config.spec.edge;

import java.util.Locale;

/// By what requests are told apart: for a hash, or for a limit.
public sealed interface ClientKey {
    /// The client's address, behind trusted proxies the one that they name. Of IPv6 the first 64
    /// bits.
    record Ip() implements ClientKey {}

    record Header(String name) implements ClientKey {
        public Header {
            Rules.require(Rules.token(name), Rules.quoted(name), "the name of a header");
            name = name.toLowerCase(Locale.ROOT);
        }
    }

    record Cookie(String name) implements ClientKey {
        public Cookie {
            Rules.require(Rules.token(name), Rules.quoted(name), "the name of a cookie");
        }
    }

    /// The path without its query.
    record UrlPath() implements ClientKey {}

    /// `ip`, `path`, `header:NAME` or `cookie:NAME`.
    ///
    /// @throws IllegalArgumentException when it is none of these
    static ClientKey parse(String text) {
        int colon = text.indexOf(':');
        String name = text.substring(colon + 1).trim();
        return switch (colon < 0 ? text : text.substring(0, colon)) {
            case "ip" -> new Ip();
            case "path" -> new UrlPath();
            case "header" -> new Header(colon < 0 ? "" : name);
            case "cookie" -> new Cookie(colon < 0 ? "" : name);
            default ->
                throw new IllegalArgumentException(
                        Rules.quoted(text) + " (expected: ip, path, header:NAME or cookie:NAME)");
        };
    }
}
