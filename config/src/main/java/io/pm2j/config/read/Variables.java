package io.pm2j.config.read;

import io.pm2j.config.spec.Environment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The environment that an app's options mean. PM2: the caller's variables, then `env`, then the
/// chosen `env_NAME`; here with the lines of `env_file` before `env`.
final class Variables {
    private Variables() {}

    static Environment of(AppOptions options, Values values, Path cwd, Caller caller) {
        Map<String, String> own = new LinkedHashMap<>();
        for (String file : values.words(Attribute.ENV_FILE)) {
            own.putAll(EnvFile.read(file, cwd, values));
        }
        options.of(Attribute.ENV).ifPresent(node -> own.putAll(values.environment(node, values.path(Attribute.ENV))));
        for (Map.Entry<String, Node> block : options.envs().entrySet()) {
            String path = values.path(Attribute.ENV) + "_" + block.getKey();
            Map<String, String> variables = values.environment(block.getValue(), path);
            if (caller.envName().equals(Optional.of(block.getKey()))) {
                own.putAll(variables);
            }
        }
        return new Environment(
                caller.env(),
                own,
                dropped(values),
                values.text(Attribute.INSTANCE_VAR)
                        .orElse(caller.env().getOrDefault("PM2_PROCESS_INSTANCE_VAR", Environment.INSTANCE_VARIABLE)),
                values.text(Attribute.INCREMENT_VAR));
    }

    /// PM2: `filter_env: true` passes none of the caller's variables.
    static List<String> dropped(Values values) {
        List<String> words = values.words(Attribute.FILTER_ENV);
        return switch (words.size() == 1 ? words.getFirst() : "") {
            case "true" -> List.of("");
            case "false" -> List.of();
            default -> words;
        };
    }
}
