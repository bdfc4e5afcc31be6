package io.pm2j.config.read;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Who starts an app, and from where: the folder and environment of the command line, and how many processors there
/// are.
/// `envName` chooses an `env_NAME` block. PM2: `--env`.
public record Caller(Path cwd, Map<String, String> env, int processors, Optional<String> envName) {
    public Caller {
        env = Map.copyOf(env);
    }

    /// This process.
    public static Caller here(Optional<String> envName) {
        return new Caller(
                Path.of("").toAbsolutePath(),
                System.getenv(),
                Runtime.getRuntime().availableProcessors(),
                envName);
    }

    /// The same caller in another folder.
    Caller at(Path folder) {
        return new Caller(folder, env, processors, envName);
    }

    /// The search path for programs.
    String path() {
        return env.getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
    }
}
