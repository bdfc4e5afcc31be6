package io.pm2j.config.spec.edge;

/// What texts of HTTP may hold, in the form that a constructor needs. Pure.
final class Rules {
    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

    private Rules() {}

    /// @throws IllegalArgumentException saying `found (expected: expected)` when it does not hold
    static void require(boolean holds, String found, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(found + " (expected: " + expected + ")");
        }
    }

    /// RFC 9110 §5.6.2: what a method or a field name may be.
    static boolean token(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> alphanumeric(c) || TOKEN_MARKS.indexOf(c) >= 0);
    }

    /// RFC 9110 §5.5: no line break and no other control in a value, or one header becomes two.
    static boolean fieldValue(String text) {
        return text.chars().allMatch(c -> c == '\t' || c >= 0x20 && c != 0x7f && c <= 0xff);
    }

    static boolean alphanumeric(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    static String quoted(String text) {
        return "'" + text + "'";
    }
}
