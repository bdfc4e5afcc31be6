package io.pm2j.daemon.edge;

import io.pm2j.config.spec.edge.AccessLogSpec;
import io.pm2j.daemon.traffic.AccessLogFiles;
import io.pm2j.proxy.accesslog.AccessLog;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The access logs of all files: one for each file that wants one, kept as long as it is to be the same.
final class OpenLogs {
    private final AccessLogFiles files;
    private final Map<Path, AccessLog> open;

    OpenLogs(AccessLogFiles files) {
        this(files, Map.of());
    }

    private OpenLogs(AccessLogFiles files, Map<Path, AccessLog> open) {
        this.files = files;
        this.open = Map.copyOf(open);
    }

    /// The logs that `wishes` want: those that are open already, and new ones.
    OpenLogs of(List<Wish> wishes) {
        Map<Path, AccessLog> next = new HashMap<>();
        for (Wish wish : wishes) {
            Optional<AccessLogSpec> wanted = wish.spec().accessLog();
            AccessLog known = open.get(wish.file());
            wanted.ifPresent(spec ->
                    next.put(wish.file(), known != null && known.spec().equals(spec) ? known : files.open(spec)));
        }
        return new OpenLogs(files, next);
    }

    Optional<AccessLog> of(Wish wish) {
        return Optional.ofNullable(open.get(wish.file()));
    }

    /// Ends those that `kept` does not have, each with the last of its requests.
    void retireAllBut(OpenLogs kept) {
        open.values().stream().filter(log -> !kept.open.containsValue(log)).forEach(AccessLog::retire);
    }
}
