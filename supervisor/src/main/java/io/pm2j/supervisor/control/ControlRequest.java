package io.pm2j.supervisor.control;

import io.pm2j.config.spec.AppSpec;
import java.util.List;

/// What the command line may ask. Selectors are as typed: names, namespaces, ids, script paths, `all`.
public sealed interface ControlRequest {
    /// Is anybody there?
    record Ping() implements ControlRequest {}

    /// Start these apps. `fromFile`: they are what an ecosystem file wants, so those that run are restarted with
    /// the new spec; else a running script is refused unless `force` is given.
    record Start(List<AppSpec> apps, boolean fromFile, boolean force) implements ControlRequest {
        public Start {
            apps = List.copyOf(apps);
        }
    }

    /// Do something to apps that exist.
    record Act(Verb verb, List<String> selectors) implements ControlRequest {
        public Act {
            selectors = List.copyOf(selectors);
        }
    }

    /// Restart or reload the apps of an ecosystem file with what it says now; those that do not run are
    /// started. PM2: startOrRestart, startOrReload.
    record Renew(List<AppSpec> apps, boolean reload) implements ControlRequest {
        public Renew {
            apps = List.copyOf(apps);
        }
    }

    /// What can be done to apps that exist.
    enum Verb {
        START,
        STOP,
        RESTART,
        RELOAD,
        DELETE
    }

    /// Change the number of instances: `4`, `+2`, `-1`.
    record Scale(String app, String amount) implements ControlRequest {}

    /// List instances; no selector means all.
    record Processes(List<String> selectors) implements ControlRequest {
        public Processes {
            selectors = List.copyOf(selectors);
        }
    }

    /// Show the last `lines` lines of each log, then, if `follow`, what comes until the client hangs up.
    record Logs(List<String> selectors, int lines, boolean out, boolean err, boolean follow) implements ControlRequest {
        public Logs {
            selectors = List.copyOf(selectors);
        }
    }

    /// Serve the folder `root` on `port`; an empty `name` means the default one.
    record Serve(String root, int port, String name, boolean spa) implements ControlRequest {}

    /// Open the web interface on loopback `port`.
    record Web(int port) implements ControlRequest {}

    /// Stop every app, then the daemon.
    record Kill() implements ControlRequest {}
}
