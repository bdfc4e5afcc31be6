package io.pm2j.proxy.files;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A directory served over HTTP.
public final class StaticSite {
    /// The answer if it is known without touching the disk.
    public @Nullable SiteResponse peek(SiteRequest request) {
        return null;
    }

    /// The answer; may block.
    public SiteResponse respond(SiteRequest request) {
        return new SiteResponse(404, List.of(Map.entry("Content-Length", "0")), new SiteBody.None());
    }
}
