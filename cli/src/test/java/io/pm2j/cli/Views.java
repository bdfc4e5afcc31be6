package io.pm2j.cli;

import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.Standing;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// Instances to print.
public final class Views {
    /// When [#API]'s worker started, as epoch time.
    public static final long STARTED_AT_MILLIS = 1_700_000_000_000L;

    /// An online cluster worker whose environment has variables that are called like PM2's keys.
    public static final ProcessView API = view(0, "api", "online", 4_711);

    private Views() {}

    public static ProcessView view(int pmId, String name, String status, int pid) {
        return new ProcessView(
                pmId,
                name,
                "default",
                "1.0.0",
                "cluster",
                pid,
                status,
                1,
                0,
                STARTED_AT_MILLIS,
                1,
                0.5,
                47_395_635,
                "deploy",
                false,
                true,
                1,
                1,
                0,
                "/srv/app.js",
                List.of("--a b"),
                "/srv",
                "node",
                List.of(),
                "",
                "/tmp/out.log",
                "/tmp/err.log",
                "/tmp/a.pid",
                OptionalInt.of(3),
                "exit code 3",
                "",
                "",
                List.of("[::]:3000"),
                1_600,
                3_000,
                false,
                Map.of("PORT", "3000", "name", "mine"),
                Standing.NONE);
    }
}
