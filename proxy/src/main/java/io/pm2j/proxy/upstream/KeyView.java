package io.pm2j.proxy.upstream;

import org.jspecify.annotations.Nullable;

/// What a request's key is made of. Views of the bytes as they came will do.
public interface KeyView {
    /// The client's address in network order, 4 or 16 bytes; empty when it has none (a Unix socket).
    byte[] client();

    /// The path without its query.
    CharSequence path();

    /// The value of a header field.
    @Nullable
    CharSequence header(String lowerCaseName);
}
