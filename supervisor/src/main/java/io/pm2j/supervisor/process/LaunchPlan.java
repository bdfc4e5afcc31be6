package io.pm2j.supervisor.process;

import io.pm2j.config.spec.ProcessSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Everything a process is started with. `command` begins with the absolute path of the program;
/// `env` is the complete environment; `channel` asks for a socket pair whose other end the child
/// has as descriptor 3; `process` tells whose it is and what it may do; `input` gives it a pipe
/// to read from, which [StandardInput] writes to, else its standard input is at its end.
public record LaunchPlan(
        List<String> command, Map<String, String> env, Path cwd, boolean channel, ProcessSpec process, boolean input) {
    public LaunchPlan {
        command = List.copyOf(command);
        env = Map.copyOf(env);
    }

    /// A process like the daemon's own: its user, umask and limits.
    public LaunchPlan(List<String> command, Map<String, String> env, Path cwd, boolean channel) {
        this(command, env, cwd, channel, ProcessSpec.DEFAULT);
    }

    /// A process that has nothing to read.
    public LaunchPlan(List<String> command, Map<String, String> env, Path cwd, boolean channel, ProcessSpec process) {
        this(command, env, cwd, channel, process, false);
    }

    /// Leaves the environment out: it may hold secrets.
    @Override
    public String toString() {
        return "LaunchPlan[" + String.join(" ", command) + " in " + cwd + "]";
    }
}
