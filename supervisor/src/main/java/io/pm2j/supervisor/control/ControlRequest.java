package io.pm2j.supervisor.control;

import io.pm2j.config.read.ConfigSource;
import io.pm2j.config.read.EdgeText;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.edge.PagesSpec;
import io.pm2j.supervisor.app.ReloadTerms;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// What the command line may ask. Selectors are as typed: names, namespaces, ids, script paths, `/regex/`, `all`.
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

    /// Do something to apps that exist. `newEnv`, for a restart or reload, replaces what the apps
    /// have of their caller's variables. PM2: `--update-env`.
    /// `terms` are for a reload.
    record Act(Verb verb, List<String> selectors, Optional<Map<String, String>> newEnv, ReloadTerms terms)
            implements ControlRequest {
        /// On the usual terms.
        public Act(Verb verb, List<String> selectors, Optional<Map<String, String>> newEnv) {
            this(verb, selectors, newEnv, ReloadTerms.USUAL);
        }

        public Act {
            selectors = List.copyOf(selectors);
            newEnv = newEnv.map(Map::copyOf);
        }

        /// Leaves the environment out: it may hold secrets.
        @Override
        public String toString() {
            return "Act[" + verb + " " + selectors + "]";
        }
    }

    /// Restart or reload the apps of an ecosystem file with what it says now; those that do not run are
    /// started. Without `updateEnv` the apps keep what they have of their caller's variables. PM2: startOrRestart,
    /// startOrReload, `--update-env`.
    record Renew(List<AppSpec> apps, boolean reload, boolean updateEnv, ReloadTerms terms) implements ControlRequest {
        /// On the usual terms.
        public Renew(List<AppSpec> apps, boolean reload, boolean updateEnv) {
            this(apps, reload, updateEnv, ReloadTerms.USUAL);
        }

        public Renew {
            apps = List.copyOf(apps);
        }
    }

    /// Restart or reload what `selectors` choose, its apps with these specs from now on. PM2: options of restart are
    /// merged into the process.
    /// `terms` are for a reload.
    record Amend(boolean reload, List<String> selectors, List<AppSpec> specs, ReloadTerms terms)
            implements ControlRequest {
        public Amend {
            selectors = List.copyOf(selectors);
            specs = List.copyOf(specs);
        }
    }

    /// What can be done to apps that exist.
    enum Verb {
        START,
        STOP,
        RESTART,
        RELOAD,
        DELETE,
        /// Forget how often instances were restarted.
        RESET,
        /// Hold the requests; the processes go on.
        PAUSE,
        RESUME
    }

    /// From now on `file` asks this of the edge, in the place of what it asked before.
    record Edge(String file, EdgeText text) implements ControlRequest {}

    /// `source` wants these apps, and `edge` of the edge. `watch` says whether the file is to be
    /// followed from now on; when it is empty, that stays as it is.
    record Converge(ConfigSource source, List<AppSpec> apps, EdgeText edge, Deed deed, Optional<Boolean> watch)
            implements ControlRequest {
        public Converge {
            apps = List.copyOf(apps);
        }
    }

    /// What is to be done about a file.
    enum Deed {
        /// Tell what [#APPLY] would do; exit code 2 when that is something.
        PLAN,
        /// Make what runs what the file wants, or leave all as it is.
        APPLY,
        /// It was started: remember which apps came from it.
        REMEMBER
    }

    /// Reload an app to a spec that it had before: of `generation`, or the one before the present.
    record RollBack(String app, OptionalInt generation) implements ControlRequest {}

    /// Go on with a canary: the rest of the rollout at 100, else another share for it.
    record Promote(String app, int percent) implements ControlRequest {}

    /// End a canary.
    record Abort(String app) implements ControlRequest {}

    /// Close an app for maintenance, or, without `how`, open it again.
    record Maintain(String app, Optional<PagesSpec.Maintenance> how) implements ControlRequest {}

    /// Change the number of instances: `4`, `+2`, `-1`.
    record Scale(String app, String amount) implements ControlRequest {}

    /// List instances; no selector means all. `brief` leaves their environments out, which are most of the answer.
    record Processes(List<String> selectors, boolean brief) implements ControlRequest {
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

    /// Tell what happens until the client hangs up. PM2: the bus.
    record Bus(List<String> selectors) implements ControlRequest {
        public Bus {
            selectors = List.copyOf(selectors);
        }
    }

    /// Serve the folder `root` on `port`; an empty `name` means the default one.
    record Serve(String root, int port, String name, boolean spa) implements ControlRequest {}

    /// Open the web interface on loopback `port`.
    record Web(int port) implements ControlRequest {}

    /// Truncate the log files of these instances; no selector means all.
    record Flush(List<String> selectors) implements ControlRequest {
        public Flush {
            selectors = List.copyOf(selectors);
        }
    }

    /// Close and open every log file: somebody has moved them away.
    record ReloadLogs() implements ControlRequest {}

    /// Remember the list for the next [Resurrect]. An empty list is remembered only when forced.
    record Save(boolean force) implements ControlRequest {}

    /// Save by itself after each change from now on, or no more. PM2: `set pm2:autodump`.
    record Autosave(boolean on) implements ControlRequest {}

    /// Start what [Save] remembered and does not run.
    record Resurrect() implements ControlRequest {}

    /// Remember an empty list.
    record ClearDump() implements ControlRequest {}

    /// Send a message, a JSON text, to programs by Node's channel.
    record Tell(List<String> selectors, String json) implements ControlRequest {
        public Tell {
            selectors = List.copyOf(selectors);
        }
    }

    /// Send a signal (`SIGUSR2`) to the workers of these instances, not to their children.
    record SendSignal(String signal, List<String> selectors) implements ControlRequest {
        public SendSignal {
            selectors = List.copyOf(selectors);
        }
    }

    /// Write a line to the standard input of one instance. PM2: `send`.
    record SendLine(int pmId, String line) implements ControlRequest {}

    /// Call an action that programs announced by Node's channel, and wait for what they answer. PM2: `trigger`.
    record Trigger(List<String> selectors, String action, Optional<String> parameter) implements ControlRequest {
        public Trigger {
            selectors = List.copyOf(selectors);
        }
    }

    /// Become `command` in place, with the workers and all that is open; what is under way may
    /// take `drainMillis`, and is cut off then if `force` is given. When it is done the
    /// connection ends without an answer, and [Updated] has it.
    record Update(List<String> command, int drainMillis, boolean force) implements ControlRequest {
        /// The exit code of one that cannot be done in place here; why is said before.
        public static final int NOT_IN_PLACE = 3;

        public Update {
            command = List.copyOf(command);
        }
    }

    /// How the last update went.
    record Updated() implements ControlRequest {}

    /// Stop every app, then the daemon.
    record Kill() implements ControlRequest {}
}
