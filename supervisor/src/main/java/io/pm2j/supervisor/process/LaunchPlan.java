package io.pm2j.supervisor.process;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Everything a process is started with. `command` begins with the absolute path of the program; `env` is
/// the complete environment; `channel` asks for a socket pair whose other end the child has as descriptor 3.
public record LaunchPlan(List<String> command, Map<String, String> env, Path cwd, boolean channel) {
    public LaunchPlan {
        command = List.copyOf(command);
        env = Map.copyOf(env);
    }

    /// Leaves the environment out: it may hold secrets.
    @Override
    public String toString() {
        return "LaunchPlan[" + String.join(" ", command) + " in " + cwd + "]";
    }
}
