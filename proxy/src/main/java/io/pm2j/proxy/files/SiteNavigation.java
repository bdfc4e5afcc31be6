package io.pm2j.proxy.files;

import org.jspecify.annotations.Nullable;

/// Whether a person moves to a page, as opposed to a page fetching one of its files. Pure.
final class SiteNavigation {
    private SiteNavigation() {}

    /// @param last the last segment of the path, empty for the root
    static boolean is(String last, @Nullable String accept) {
        return !hasExtension(last) && AcceptEncoding.admitsHtml(accept);
    }

    /// `app.js`, `font.woff2`; not `v1.2`, whose last part is a number.
    private static boolean hasExtension(String name) {
        String extension = MediaTypes.extension(name);
        return extension.length() <= 11
                && extension.matches("[a-z0-9]+")
                && extension.chars().anyMatch(Character::isLetter);
    }
}
