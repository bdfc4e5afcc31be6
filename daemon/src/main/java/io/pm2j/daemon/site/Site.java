package io.pm2j.daemon.site;

import io.pm2j.proxy.Listener;
import java.nio.file.Path;
import java.util.Optional;

/// A folder that is wanted on a port. `listener` is empty while it is stopped.
record Site(
        int pmId,
        String name,
        Path root,
        int port,
        boolean spa,
        Optional<Listener> listener,
        int restarts,
        long startedAtMillis,
        long createdAtMillis) {
    boolean online() {
        return listener.isPresent();
    }

    Site numbered(int id) {
        return new Site(id, name, root, port, spa, listener, restarts, startedAtMillis, createdAtMillis);
    }

    Site opened(Listener open) {
        return new Site(
                pmId, name, root, port, spa, Optional.of(open), restarts, System.currentTimeMillis(), createdAtMillis);
    }

    Site closed() {
        return new Site(pmId, name, root, port, spa, Optional.empty(), restarts, 0, createdAtMillis);
    }

    Site restarted() {
        return new Site(pmId, name, root, port, spa, listener, restarts + 1, startedAtMillis, createdAtMillis);
    }
}
