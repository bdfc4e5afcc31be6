package io.pm2j.proxy.files;

import java.util.List;
import java.util.Set;

/// How long others may keep a file: a page is asked about every time, a file whose name holds the hash of its
/// content never again.
final class CachePolicy {
    static final String PAGE = "no-cache";
    static final String HASHED = "public, max-age=31536000, immutable";
    static final String OTHER = "max-age=0, must-revalidate";

    private static final Set<String> ASSET_DIRECTORIES = Set.of(
            "assets", "static", "_next", "_app", "_nuxt", "_astro", "build", "dist", "js", "css", "img", "images",
            "fonts", "media", "chunks");

    private CachePolicy() {}

    static String of(List<String> segments, String mediaType) {
        if (mediaType.startsWith("text/html")) {
            return PAGE;
        }
        boolean asset =
                segments.stream().limit(Math.max(0, segments.size() - 1)).anyMatch(ASSET_DIRECTORIES::contains);
        return asset && hashed(segments.getLast()) ? HASHED : OTHER;
    }

    /// `app-3f9c2b1a.js`, `app.BX3kQ9aZ.css`. Wrong the other way costs a year, so a word such as `bootstrap4`
    /// or a date is not taken for a hash: it needs a digit, and either an upper-case letter or only hex digits.
    static boolean hashed(String name) {
        for (int dot = name.indexOf('.', 1); dot >= 0; dot = name.indexOf('.', dot + 1)) {
            int from = dot;
            while (from > 0 && wordCharacter(name.charAt(from - 1))) {
                from--;
            }
            boolean led = from > 0 && (name.charAt(from - 1) == '-' || name.charAt(from - 1) == '.');
            if (led && dot - from >= 8 && looksRandom(name.substring(from, dot))) {
                return true;
            }
        }
        return false;
    }

    private static boolean looksRandom(String word) {
        boolean digit = word.chars().anyMatch(c -> c >= '0' && c <= '9');
        boolean letter = word.chars().anyMatch(c -> c >= 'a' && c <= 'z');
        boolean upper = word.chars().anyMatch(c -> c >= 'A' && c <= 'Z');
        boolean hex = word.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
        return digit && (upper || letter && hex);
    }

    private static boolean wordCharacter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
    }
}
