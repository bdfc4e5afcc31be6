package io.pm2j.proxy.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One element of a `Forwarded` field (RFC 7239 §4). What it does not say is empty.
record Forwarded(String forNode, String proto, String host) {
    /// The elements from the last to the first, up to one that is malformed.
    ///
    /// They are told apart from the right, so that an open quote that a client sent cannot
    /// swallow what a proxy wrote behind it.
    static List<Forwarded> fromTheRight(String value) {
        List<Forwarded> elements = new ArrayList<>(2);
        int end = value.length();
        while (end >= 0) {
            int comma = commaBefore(value, end);
            Forwarded element = parse(value.substring(comma + 1, end));
            if (element == null) {
                break;
            }
            elements.add(element);
            end = comma;
        }
        return elements;
    }

    /// Whether every element of it is well-formed, so that something may be written behind it.
    static boolean wellFormed(String value) {
        int end = value.length();
        while (end >= 0) {
            int comma = commaBefore(value, end);
            if (parse(value.substring(comma + 1, end)) == null) {
                return false;
            }
            end = comma;
        }
        return true;
    }

    /// The last comma outside of quotes before `end`; -1 when there is none.
    private static int commaBefore(String value, int end) {
        boolean quoted = false;
        for (int i = end - 1; i >= 0; i--) {
            char c = value.charAt(i);
            if (c == '"' && !(quoted && escaped(value, i))) {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                return i;
            }
        }
        return -1;
    }

    private static boolean escaped(String value, int at) {
        int backslashes = 0;
        while (at - backslashes > 0 && value.charAt(at - backslashes - 1) == '\\') {
            backslashes++;
        }
        return (backslashes & 1) == 1;
    }

    /// `token=value` pairs, apart by semicolons, each name once (§4).
    private static @Nullable Forwarded parse(String text) {
        String forNode = null;
        String proto = null;
        String host = null;
        int at = skipBlanks(text, 0);
        while (at < text.length()) {
            int equals = text.indexOf('=', at);
            int end = equals < 0 ? -1 : valueEnd(text, equals + 1);
            if (end < 0 || equals == at || !isToken(text, at, equals)) {
                return null;
            }
            String name = text.substring(at, equals).toLowerCase(Locale.ROOT);
            String value = unquoted(text, equals + 1, end);
            switch (name) {
                case "for" -> {
                    if (forNode != null) {
                        return null;
                    }
                    forNode = value;
                }
                case "proto" -> {
                    if (proto != null) {
                        return null;
                    }
                    proto = value;
                }
                case "host" -> {
                    if (host != null) {
                        return null;
                    }
                    host = value;
                }
                default -> {
                    // by, and extensions (§5.5)
                }
            }
            at = skipBlanks(text, end);
            if (at < text.length()) {
                if (text.charAt(at) != ';') {
                    return null;
                }
                at = skipBlanks(text, at + 1);
            }
        }
        return new Forwarded(known(forNode), known(proto), known(host));
    }

    private static String known(@Nullable String value) {
        return value == null ? "" : value;
    }

    private static int skipBlanks(String text, int from) {
        int at = from;
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
        return at;
    }

    /// Where the token or the quoted string at `from` ends; -1 when it is neither.
    private static int valueEnd(String text, int from) {
        if (text.startsWith("\"", from)) {
            for (int i = from + 1; i < text.length(); i++) {
                if (text.charAt(i) == '\\') {
                    i++;
                } else if (text.charAt(i) == '"') {
                    return i + 1;
                }
            }
            return -1;
        }
        int end = from;
        while (end < text.length() && isToken(text.charAt(end))) {
            end++;
        }
        return end == from ? -1 : end;
    }

    private static String unquoted(String text, int from, int end) {
        if (text.charAt(from) != '"') {
            return text.substring(from, end);
        }
        StringBuilder value = new StringBuilder(end - from);
        for (int i = from + 1; i < end - 1; i++) {
            value.append(text.charAt(i) == '\\' ? text.charAt(++i) : text.charAt(i));
        }
        return value.toString();
    }

    /// A value as it may stand behind `=`: a token, or in quotes (RFC 9110 §5.6.4).
    static String quoted(String value) {
        return !value.isEmpty() && isToken(value, 0, value.length())
                ? value
                : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static boolean isToken(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!isToken(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /// RFC 9110 §5.6.2
    private static boolean isToken(char c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }
}
