package io.pm2j.proxy.files;

import java.time.Duration;
import java.util.List;

/// How a directory is served.
///
/// @param spa whether a navigation to a missing page gets the index page of the root
/// @param indexFiles names tried in order for a directory
/// @param smallFileBytes files up to this size are kept in memory
/// @param cacheBytes how much memory all small files may take
/// @param validity how long a remembered file is trusted before it is looked at again
public record SiteOptions(
        boolean spa, List<String> indexFiles, int smallFileBytes, long cacheBytes, Duration validity) {
    public SiteOptions {
        indexFiles = List.copyOf(indexFiles);
    }

    public static SiteOptions defaults() {
        return new SiteOptions(false, List.of("index.html"), 128 << 10, 32L << 20, Duration.ofSeconds(1));
    }

    public SiteOptions withSpa(boolean on) {
        return new SiteOptions(on, indexFiles, smallFileBytes, cacheBytes, validity);
    }
}
