package io.pm2j.config.read;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Who starts an app, and from where: the folder and environment of the command line, and how
/// many processors there are. `envName` chooses an `env_NAME` block. PM2: `--env`.
public record Caller(Path cwd, Map<String, String> env, int processors, Optional<String> envName) {
    /// Set by the launcher: what `LC_ALL` was, empty when it was not set.
    public static final String CALLER_LOCALE = "PM2J_CALLER_LC_ALL";

    public Caller {
        env = Map.copyOf(env);
    }

    /// This process.
    public static Caller here(Optional<String> envName) {
        return new Caller(
                Path.of("").toAbsolutePath(),
                withCallersLocale(System.getenv()),
                Runtime.getRuntime().availableProcessors(),
                envName);
    }

    /// The launcher may run Java in another locale than the caller's; the caller's is the app's.
    static Map<String, String> withCallersLocale(Map<String, String> env) {
        String locale = env.get(CALLER_LOCALE);
        if (locale == null) {
            return env;
        }
        Map<String, String> restored = new HashMap<>(env);
        restored.remove(CALLER_LOCALE);
        if (locale.isEmpty()) {
            restored.remove("LC_ALL");
        } else {
            restored.put("LC_ALL", locale);
        }
        return restored;
    }

    /// The same caller in another folder.
    Caller at(Path folder) {
        return new Caller(folder, env, processors, envName);
    }

    /// Whether a variable is set, and not to `false`.
    boolean says(String variable) {
        String said = env.getOrDefault(variable, "");
        return !said.isEmpty() && !said.equals("false");
    }

    /// The search path for programs.
    String path() {
        return env.getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
    }
}
