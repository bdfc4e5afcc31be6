package io.pm2j.proxy.route;

import org.jspecify.annotations.Nullable;

/// What a route table looks at of a request.
///
/// The texts may be views of the bytes as they came: a table reads characters, keeps nothing, and
/// asks for a header or a query parameter only where a route depends on one. Every character is
/// one octet (ISO-8859-1).
public interface RequestView {
    /// The host asked for, as `Host` or an absolute target says it: in any case, with or without
    /// a port and a final dot. Empty when there is none.
    CharSequence host();

    /// The method, in the case it came in.
    CharSequence method();

    /// The path of the target as it came, without the query; `*` for `OPTIONS *`.
    CharSequence path();

    /// The value of a header field, lines of one name joined by `, ` (RFC 9110 §5.3); null when
    /// there is none.
    @Nullable
    CharSequence header(String lowerCaseName);

    /// The first value of a query parameter, decoded; null when there is none. See [Query].
    @Nullable
    CharSequence query(String name);
}
