package io.pm2j.proxy.route;

import io.pm2j.config.spec.edge.UriPath;

/// The characters that may stand in a path as they are, as a table.
final class PlainCharacters {
    private static final boolean[] PLAIN = new boolean[0x80];

    static {
        for (int c = 0; c < PLAIN.length; c++) {
            PLAIN[c] = UriPath.plain(c);
        }
    }

    private PlainCharacters() {}

    /// @param c less than 0x80
    static boolean has(char c) {
        return PLAIN[c];
    }
}
