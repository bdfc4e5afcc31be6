package io.pm2j.config.spec.edge;

import java.nio.charset.StandardCharsets;

/// The one spelling of a path, in which routes are written down and requests are compared. Pure.
///
/// RFC 3986 §6.2.2: `%XX` in upper case, and what needs no encoding is not encoded. We go one
/// step further than §6.2.2.2 and decode every octet that may stand in a path as it is (`%3B` is
/// `;`), for no origin tells the two apart once it has decoded. Three octets stay as they are,
/// whatever they mean to others: `%2F`, for a slash that is data makes no segment (§2.2); `%25`,
/// so that nothing is decoded twice; and `%5C`.
public final class UriPath {
    private static final String PLAIN_MARKS = "-._~!$&'()*+,;=:@/";
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private UriPath() {}

    /// Whether a character may stand in a path as it is: RFC 3986 §3.3 `pchar`, and the slash.
    public static boolean plain(int c) {
        return Rules.alphanumeric(c) || PLAIN_MARKS.indexOf(c) >= 0;
    }

    /// A path of a request, which must be ASCII with every `%` before two hexadecimal digits.
    ///
    /// @throws IllegalArgumentException when it is not
    public static String normal(CharSequence path) {
        StringBuilder normal = new StringBuilder(path.length());
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '%') {
                int octet = octet(path, i);
                Rules.require(octet >= 0, Rules.quoted(path.toString()), "two hexadecimal digits after each %");
                append(octet, octet != '/', normal);
                i += 2;
            } else {
                Rules.require(plain(c), Rules.quoted(path.toString()), "only characters that may stand in a path");
                normal.append(c);
            }
        }
        return normal.toString();
    }

    /// A path as people write it: `/café and bar` too.
    ///
    /// @throws IllegalArgumentException when it has no slash first, a query, or can match nothing
    public static String written(String path) {
        Rules.require(path.startsWith("/"), Rules.quoted(path), "a path, that begins with a slash");
        Rules.require(path.indexOf('?') < 0 && path.indexOf('#') < 0, Rules.quoted(path), "a path without a query");
        Rules.require(path.indexOf('\\') < 0 && path.indexOf(0) < 0, Rules.quoted(path), "no backslash and no NUL");
        StringBuilder encoded = new StringBuilder();
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            int octet = b & 0xff;
            if (octet == '%') {
                encoded.append('%');
            } else {
                append(octet, true, encoded);
            }
        }
        String normal = normal(encoded);
        for (String segment : normal.substring(1).split("/", -1)) {
            boolean dots = segment.equals(".") || segment.equals("..");
            Rules.require(!dots, Rules.quoted(path), "no . or .. segment; such requests are refused before matching");
        }
        Rules.require(!normal.contains("//"), Rules.quoted(path), "no empty segment");
        boolean twofold = normal.indexOf(';') >= 0 || normal.contains("%2F") || normal.contains("%5C");
        Rules.require(!twofold, Rules.quoted(path), "no ; and no encoded slash; origins differ in how they read them");
        return normal;
    }

    /// The octet that `%XX` at `at` means, or -1.
    public static int octet(CharSequence path, int at) {
        if (at + 2 >= path.length()) {
            return -1;
        }
        int high = digit(path.charAt(at + 1));
        int low = digit(path.charAt(at + 2));
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    private static int digit(char c) {
        // Character.digit would also take digits of other scripts.
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }

    private static void append(int octet, boolean mayBePlain, StringBuilder out) {
        if (mayBePlain && plain(octet)) {
            out.append((char) octet);
        } else {
            out.append('%').append(HEX[octet >> 4]).append(HEX[octet & 15]);
        }
    }
}
