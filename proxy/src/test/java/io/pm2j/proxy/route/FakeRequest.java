package io.pm2j.proxy.route;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A request made up of its parts.
record FakeRequest(String host, String method, String path, Map<String, String> headers, Map<String, String> parameters)
        implements RequestView {
    static FakeRequest get(String host, String path) {
        return new FakeRequest(host, "GET", path, Map.of(), Map.of());
    }

    @Override
    public @Nullable CharSequence header(String lowerCaseName) {
        return headers.get(lowerCaseName);
    }

    @Override
    public @Nullable CharSequence query(String name) {
        return parameters.get(name);
    }
}
