package io.pm2j.config.spec.edge;

import java.net.IDN;
import java.util.Locale;

/// Which hosts: one, or with `wildcard` all below a domain.
///
/// `name` is lower case, in its ASCII form, without port and without a final dot; an IPv6 address
/// keeps its brackets. As in the Gateway API, `*.example.com` is `a.example.com` and
/// `a.b.example.com`, never `example.com`.
public record HostPattern(String name, boolean wildcard) {
    public HostPattern {
        Rules.require(valid(name), Rules.quoted(name), "a host such as example.com");
        Rules.require(!wildcard || !name.startsWith("["), Rules.quoted(name), "a domain below the *");
    }

    /// `example.com`, `*.example.com`, `bücher.example`, `192.0.2.1` or `[2001:db8::1]`.
    ///
    /// @throws IllegalArgumentException when it is none of these
    public static HostPattern parse(String text) {
        boolean wildcard = text.startsWith("*.");
        String name = wildcard ? text.substring(2) : text;
        Rules.require(name.indexOf('*') < 0, Rules.quoted(text), "a * only as the whole first label, as *.example.com");
        boolean port = !name.startsWith("[") && name.indexOf(':') >= 0 || name.startsWith("[") && !name.endsWith("]");
        Rules.require(!port, Rules.quoted(text), "a host without a port; listen says the port");
        return new HostPattern(ascii(name.endsWith(".") ? name.substring(0, name.length() - 1) : name), wildcard);
    }

    private static String ascii(String name) {
        if (name.startsWith("[")) {
            return name.toLowerCase(Locale.ROOT);
        }
        try {
            return IDN.toASCII(name, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException tooLongOrNoName) {
            return "";
        }
    }

    /// RFC 9110 §7.2 takes `uri-host`; of its reg-names those that DNS and real hosts use, with
    /// `_`.
    private static boolean valid(String name) {
        if (name.startsWith("[")) {
            return name.matches("\\[[0-9a-f:.]{2,45}]");
        }
        return name.length() <= 253 && name.matches("[a-z0-9_]([a-z0-9_-]{0,62})(\\.[a-z0-9_][a-z0-9_-]{0,62})*");
    }

    @Override
    public String toString() {
        return wildcard ? "*." + name : name;
    }
}
