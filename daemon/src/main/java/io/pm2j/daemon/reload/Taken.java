package io.pm2j.daemon.reload;

import io.pm2j.config.AppName;
import io.pm2j.config.read.ConfigSource;
import java.util.Set;

/// A file that was taken up: how to read it, which apps came from it, and whether it is followed.
record Taken(ConfigSource source, Set<AppName> apps, boolean watched) {
    Taken {
        apps = Set.copyOf(apps);
    }
}
