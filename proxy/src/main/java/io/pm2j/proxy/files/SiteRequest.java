package io.pm2j.proxy.files;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a client asks of a static site.
///
/// @param target the raw request target: origin-form with its query, or `*`
/// @param headers names in lower case, repeated fields joined with `, `
public record SiteRequest(String method, String target, Map<String, String> headers) {
    @Nullable
    String header(String lowerCaseName) {
        return headers.get(lowerCaseName);
    }

    boolean head() {
        return method.equals("HEAD");
    }
}
