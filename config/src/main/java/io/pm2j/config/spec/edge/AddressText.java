package io.pm2j.config.spec.edge;

import io.pm2j.config.Address;

/// Addresses as people write them. Pure.
public final class AddressText {
    private AddressText() {}

    /// Where to listen: `8080`, `:8080`, `*:8080`, `127.0.0.1:8080`, `[::1]:8080`, or
    /// `unix:/path`.
    ///
    /// @throws IllegalArgumentException when it is none of these
    public static Address listen(String text) {
        if (text.startsWith("unix:")) {
            return new Address.Unix(text.substring("unix:".length()));
        }
        String host = text.substring(0, Math.max(0, text.lastIndexOf(':')));
        boolean portAlone = host.isEmpty() && (text.startsWith(":") || text.matches("\\d+"));
        if (portAlone || host.equals("*")) {
            return Address.anyInterface(port(text.substring(text.lastIndexOf(':') + 1), text));
        }
        return parse(text, -1);
    }

    /// `host:port` or `[address]:port`; `otherwise` is the port when none is written, -1 when one
    /// must be.
    static Address.Tcp parse(String text, int otherwise) {
        int colon = text.lastIndexOf(':');
        boolean bracket = text.startsWith("[");
        int close = text.indexOf(']');
        if (bracket ? close == text.length() - 1 : colon < 0) {
            Rules.require(otherwise >= 0, Rules.quoted(text), "a port too, as host:port");
            return new Address.Tcp(host(text, text), otherwise);
        }
        Rules.require(!bracket || close == colon - 1, Rules.quoted(text), "[address]:port");
        String host = host(text.substring(0, colon), text);
        return new Address.Tcp(host, port(text.substring(colon + 1), text));
    }

    private static String host(String written, String all) {
        if (written.startsWith("[") && written.endsWith("]")) {
            String literal = written.substring(1, written.length() - 1);
            Rules.require(
                    literal.matches("[0-9a-fA-F:.]{2,45}(%[\\w.-]+)?"),
                    Rules.quoted(all),
                    "an IPv6 address in brackets");
            return literal;
        }
        Rules.require(written.indexOf(':') < 0, Rules.quoted(all), "an IPv6 address in brackets, as [::1]:8080");
        Rules.require(written.matches("[A-Za-z0-9._-]{1,253}"), Rules.quoted(all), "host:port");
        return written;
    }

    private static int port(String digits, String all) {
        boolean number = digits.matches("\\d{1,5}") && Integer.parseInt(digits) <= 65_535;
        Rules.require(number, Rules.quoted(all), "a port from 0 to 65535");
        return Integer.parseInt(digits);
    }
}
