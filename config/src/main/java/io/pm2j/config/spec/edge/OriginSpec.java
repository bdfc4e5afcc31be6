package io.pm2j.config.spec.edge;

import io.pm2j.config.Address;

/// A server outside of pm2j to which requests go.
///
/// @param tls whether it is spoken to over TLS
/// @param weight its share among its neighbours; 0 gives it nothing new
public record OriginSpec(Address address, boolean tls, int weight) {
    private static final int MOST_WEIGHT = 1_000_000;

    public OriginSpec {
        Rules.require(weight >= 0 && weight <= MOST_WEIGHT, "weight " + weight, "0 to " + MOST_WEIGHT);
        boolean port = !(address instanceof Address.Tcp tcp) || tcp.port() > 0;
        Rules.require(port, address.toString(), "a port from 1 to 65535");
    }

    /// `http://host:port`, `https://host:port`, `host:port`, or `unix:/path`.
    ///
    /// @throws IllegalArgumentException when it is none of these
    public static OriginSpec parse(String text) {
        if (text.startsWith("unix:")) {
            return new OriginSpec(new Address.Unix(text.substring("unix:".length())), false, 1);
        }
        boolean tls = text.startsWith("https://");
        String rest = text.startsWith("http://") || tls ? text.substring(text.indexOf("//") + 2) : text;
        String authority = rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest;
        Rules.require(
                authority.indexOf('/') < 0 && authority.indexOf('@') < 0 && authority.indexOf('?') < 0,
                Rules.quoted(text),
                "http://host:port without path or user; rewrite says the path");
        boolean scheme = authority.length() < text.length();
        return new OriginSpec(AddressText.parse(authority, scheme ? (tls ? 443 : 80) : -1), tls, 1);
    }

    public OriginSpec withWeight(int to) {
        return new OriginSpec(address, tls, to);
    }
}
