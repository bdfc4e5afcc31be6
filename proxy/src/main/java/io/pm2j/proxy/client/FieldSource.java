package io.pm2j.proxy.client;

import org.jspecify.annotations.Nullable;

/// The fields of a request as they came, those included that are never passed on as they came
/// (`X-Forwarded-For`, `Forwarded`).
@FunctionalInterface
public interface FieldSource {
    /// The value, lines of one name joined by `, ` (RFC 9110 §5.3); null when there is none.
    @Nullable
    CharSequence header(String lowerCaseName);
}
