package io.pm2j.cli.command;

import io.pm2j.cli.typed.Arguments;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.AppOptions;
import io.pm2j.config.read.Attribute;
import io.pm2j.config.read.Caller;
import io.pm2j.config.read.EcosystemReader;
import io.pm2j.config.read.Node;
import io.pm2j.config.spec.AppSpec;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The apps of an ecosystem file, with the options that were typed on top; and those options alone.
final class TypedApps {
    private static final Map<Option, Attribute> ATTRIBUTES = attributes();

    private TypedApps() {}

    /// What the file wants, as far as `--only` chooses it.
    static List<AppSpec> fromFile(Session session, String file, Caller caller) throws Failure {
        String only = session.typed.value(Option.ONLY).orElse("");
        Set<String> chosen = only.isEmpty() ? Set.of() : Set.of(only.split(","));
        try {
            EcosystemReader.ReadApps read = EcosystemReader.read(
                    Path.of(file),
                    caller,
                    name -> chosen.isEmpty() || chosen.contains(name),
                    options(session.typed, "command line"));
            read.warnings().forEach(warning -> session.warn(warning.toString()));
            return read.apps();
        } catch (InvalidConfig e) {
            throw new Failure(e.problems().stream().map(ConfigProblem::toString).toList());
        }
    }

    /// What was typed about an app.
    static AppOptions options(Arguments typed, String source) {
        AppOptions options = AppOptions.none(source, "");
        for (Map.Entry<Option, Attribute> entry : ATTRIBUTES.entrySet()) {
            if (typed.has(entry.getKey())) {
                options = options.with(
                        entry.getValue(), Node.text(typed.value(entry.getKey()).orElse("")));
            }
        }
        if (typed.has(Option.WAIT_READY)) {
            options = options.with(Attribute.WAIT_READY, Node.bool(true));
        }
        if (typed.has(Option.NO_AUTORESTART)) {
            options = options.with(Attribute.AUTORESTART, Node.bool(false));
        }
        if (typed.has(Option.MERGE_LOGS)) {
            options = options.with(Attribute.MERGE_LOGS, Node.bool(true));
        }
        if (typed.has(Option.EXECUTE_COMMAND)) {
            options = options.with(Attribute.EXEC_MODE, Node.text("fork"));
        }
        return options;
    }

    private static Map<Option, Attribute> attributes() {
        Map<Option, Attribute> attributes = new LinkedHashMap<>();
        attributes.put(Option.NAME, Attribute.NAME);
        attributes.put(Option.INSTANCES, Attribute.INSTANCES);
        attributes.put(Option.PORT, Attribute.PORT);
        attributes.put(Option.INTERPRETER, Attribute.INTERPRETER);
        attributes.put(Option.INTERPRETER_ARGS, Attribute.INTERPRETER_ARGS);
        attributes.put(Option.CWD, Attribute.CWD);
        attributes.put(Option.NAMESPACE, Attribute.NAMESPACE);
        attributes.put(Option.LISTEN_TIMEOUT, Attribute.LISTEN_TIMEOUT);
        attributes.put(Option.KILL_TIMEOUT, Attribute.KILL_TIMEOUT);
        attributes.put(Option.MAX_RESTARTS, Attribute.MAX_RESTARTS);
        attributes.put(Option.RESTART_DELAY, Attribute.RESTART_DELAY);
        attributes.put(Option.MIN_UPTIME, Attribute.MIN_UPTIME);
        attributes.put(Option.OUTPUT, Attribute.OUT_FILE);
        attributes.put(Option.ERROR, Attribute.ERROR_FILE);
        return attributes;
    }
}
