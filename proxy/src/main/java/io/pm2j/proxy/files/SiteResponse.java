package io.pm2j.proxy.files;

import java.util.List;
import java.util.Map;

/// A complete answer: every header except `Date`, `Server` and `Connection`.
public record SiteResponse(int status, List<Map.Entry<String, String>> headers, SiteBody body) {
    public SiteResponse {
        headers = List.copyOf(headers);
    }
}
