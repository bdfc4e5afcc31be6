package io.pm2j.config.spec;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Which files restart the app when they change. `paths` are absolute, none means no watching; `ignored` are PM2's
/// `ignore_watch`, over the usual ones; `delay` is `watch_delay`.
public record WatchSpec(List<Path> paths, List<String> ignored, Duration delay) {
    public static final WatchSpec NONE = new WatchSpec(List.of(), List.of(), Duration.ZERO);

    public WatchSpec {
        paths = List.copyOf(paths);
        ignored = List.copyOf(ignored);
    }

    public boolean wanted() {
        return !paths.isEmpty();
    }
}
