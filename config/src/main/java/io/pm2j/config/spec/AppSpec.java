package io.pm2j.config.spec;

import io.pm2j.config.AppName;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// An app as it is wanted: what to run, how often, and how to treat it. PM2: one element of `apps`.
///
/// `instances` is empty when the user did not say (one worker, fork mode), else already resolved
/// to at least 1. `port`, in cluster mode with an interpreter other than Node, is the port that
/// the edge opens; otherwise only `PORT`. Without `autostart` a new app is listed and not
/// started. `pidFile` is empty for the home's `pids/`. All durations in the parts are zero or
/// positive.
public record AppSpec(
        AppName name,
        String namespace,
        Program program,
        Path cwd,
        OptionalInt instances,
        ExecMode execMode,
        Environment environment,
        OptionalInt port,
        boolean autostart,
        ReadySpec ready,
        StopSpec stop,
        RestartSpec restart,
        WatchSpec watch,
        LogSpec logs,
        ProcessSpec process,
        Optional<Path> pidFile,
        RolloutSpec rollout,
        List<Dependency> dependsOn) {

    /// PM2: namespace `default`.
    public static final String DEFAULT_NAMESPACE = "default";

    public AppSpec {
        dependsOn = List.copyOf(dependsOn);
        if (!cwd.isAbsolute()) {
            throw new IllegalArgumentException("cwd: " + cwd + " (expected: an absolute path)");
        }
        if (instances.isPresent() && instances.getAsInt() < 1) {
            throw new IllegalArgumentException("instances: " + instances.getAsInt() + " (expected: >= 1)");
        }
    }

    /// How many workers are wanted.
    public int instanceCount() {
        return instances.orElse(1);
    }

    /// A spec with everything at its default: one worker in fork mode.
    public static Draft draft(AppName name, Program program, Path cwd) {
        return new Draft(name, program, cwd);
    }

    /// This spec, to be changed here and there.
    public Draft draft() {
        return new Draft(name, program, cwd)
                .namespace(namespace)
                .instances(instances)
                .execMode(execMode)
                .environment(environment)
                .port(port)
                .autostart(autostart)
                .ready(ready)
                .stop(stop)
                .restart(restart)
                .watch(watch)
                .logs(logs)
                .process(process)
                .pidFile(pidFile)
                .rollout(rollout)
                .dependsOn(dependsOn);
    }

    /// Leaves the environment out: it may hold secrets.
    @Override
    public String toString() {
        return "AppSpec[" + name + " " + execMode.pm2Text() + " x" + instanceCount() + " " + program.interpreter() + " "
                + program.script() + "]";
    }

    /// A spec in the making. Confined to one thread.
    public static final class Draft {
        private AppName name;
        private Program program;
        private Path cwd;
        private String namespace = DEFAULT_NAMESPACE;
        private OptionalInt instances = OptionalInt.empty();
        private ExecMode execMode = ExecMode.FORK;
        private Environment environment = Environment.NONE;
        private OptionalInt port = OptionalInt.empty();
        private boolean autostart = true;
        private ReadySpec ready = ReadySpec.DEFAULT;
        private StopSpec stop = StopSpec.DEFAULT;
        private RestartSpec restart = RestartSpec.DEFAULT;
        private WatchSpec watch = WatchSpec.NONE;
        private LogSpec logs = LogSpec.DEFAULT;
        private ProcessSpec process = ProcessSpec.DEFAULT;
        private Optional<Path> pidFile = Optional.empty();
        private RolloutSpec rollout = RolloutSpec.DEFAULT;
        private List<Dependency> dependsOn = List.of();

        private Draft(AppName name, Program program, Path cwd) {
            this.name = name;
            this.program = program;
            this.cwd = cwd;
        }

        /// Under another name.
        public Draft name(AppName to) {
            name = to;
            return this;
        }

        /// Another program, run in another folder.
        public Draft program(Program to, Path in) {
            program = to;
            cwd = in;
            return this;
        }

        public Draft namespace(String to) {
            namespace = to;
            return this;
        }

        public Draft instances(OptionalInt to) {
            instances = to;
            return this;
        }

        public Draft execMode(ExecMode to) {
            execMode = to;
            return this;
        }

        /// Cluster mode with so many instances.
        public Draft cluster(int count) {
            return execMode(ExecMode.CLUSTER).instances(OptionalInt.of(count));
        }

        public Draft environment(Environment to) {
            environment = to;
            return this;
        }

        public Draft port(OptionalInt to) {
            port = to;
            return this;
        }

        public Draft autostart(boolean to) {
            autostart = to;
            return this;
        }

        public Draft ready(ReadySpec to) {
            ready = to;
            return this;
        }

        public Draft stop(StopSpec to) {
            stop = to;
            return this;
        }

        public Draft restart(RestartSpec to) {
            restart = to;
            return this;
        }

        public Draft watch(WatchSpec to) {
            watch = to;
            return this;
        }

        public Draft logs(LogSpec to) {
            logs = to;
            return this;
        }

        public Draft process(ProcessSpec to) {
            process = to;
            return this;
        }

        public Draft pidFile(Optional<Path> to) {
            pidFile = to;
            return this;
        }

        public Draft rollout(RolloutSpec to) {
            rollout = to;
            return this;
        }

        public Draft dependsOn(List<Dependency> to) {
            dependsOn = List.copyOf(to);
            return this;
        }

        /// @throws IllegalArgumentException when the parts do not fit
        public AppSpec spec() {
            return new AppSpec(
                    name,
                    namespace,
                    program,
                    cwd,
                    instances,
                    execMode,
                    environment,
                    port,
                    autostart,
                    ready,
                    stop,
                    restart,
                    watch,
                    logs,
                    process,
                    pidFile,
                    rollout,
                    dependsOn);
        }
    }
}
