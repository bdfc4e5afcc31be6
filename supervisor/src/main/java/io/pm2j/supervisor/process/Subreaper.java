package io.pm2j.supervisor.process;

import io.pm2j.supervisor.process.Posix.Errno;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Being the process that orphans below us are given to, rather than init: so they are still
/// found and reaped.
public final class Subreaper {
    private static final Logger LOG = LoggerFactory.getLogger(Subreaper.class);

    private Subreaper() {}

    /// Takes in whatever our descendants leave behind from now on; it stays so until this process
    /// ends. Whoever calls this also reaps what it takes in ([Strangers]).
    public static void become() {
        try {
            PosixProcess.subreaper(true);
        } catch (Errno e) {
            // Orphans go to init then, where their marker still finds them.
            LOG.atWarn().addKeyValue("cause", e.getMessage()).log("cannot become the reaper of orphans");
        }
    }
}
