package io.pm2j.cli.command;

import io.pm2j.cli.typed.Arguments;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.Amendment;
import io.pm2j.config.read.AppOptions;
import io.pm2j.config.read.Attribute;
import io.pm2j.config.read.Caller;
import io.pm2j.config.read.EcosystemReader;
import io.pm2j.config.read.Node;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The apps of an ecosystem file, with the options that were typed on top; and those options alone.
final class TypedApps {
    private static final Map<Option, Attribute> ATTRIBUTES = attributes();
    private static final Map<Option, Flag> FLAGS = flags();

    /// Several words, with commas between them. PM2 takes the option several times instead.
    private static final Map<Option, Attribute> LISTS = Map.of(
            Option.STOP_EXIT_CODES, Attribute.STOP_EXIT_CODES,
            Option.IGNORE_WATCH, Attribute.IGNORE_WATCH,
            Option.FILTER_ENV, Attribute.FILTER_ENV);

    /// What an option without a value makes of an attribute.
    private record Flag(Attribute attribute, boolean value) {}

    private TypedApps() {}

    /// What the file wants, as far as `--only` chooses it.
    static EcosystemReader.ReadApps fromFile(Session session, String file, Caller caller) throws Failure {
        String only = session.typed.value(Option.ONLY).orElse("");
        Set<String> chosen = only.isEmpty() ? Set.of() : Set.of(only.split(","));
        try {
            AppOptions typed =
                    Amendment.withArguments(options(session.typed, "command line"), session.typed.afterDashes());
            Predicate<String> wanted = name -> chosen.isEmpty() || chosen.contains(name);
            EcosystemReader.ReadApps read = file.equals(Operands.STANDARD_INPUT)
                    ? EcosystemReader.readText("standard input", standardInput(), caller, wanted, typed)
                    : EcosystemReader.read(Path.of(file), caller, wanted, typed);
            read.warnings().forEach(warning -> session.warn(warning.toString()));
            return new EcosystemReader.ReadApps(
                    Settings.onto(session, read.apps()), read.edge(), read.edgeText(), read.watch(), read.warnings());
        } catch (InvalidConfig e) {
            throw new Failure(e.problems().stream().map(ConfigProblem::toString).toList());
        }
    }

    private static String standardInput() throws Failure {
        try {
            return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new Failure("cannot read standard input: " + e.getMessage());
        }
    }

    /// What was typed about apps that are chosen by names, where `--namespace` belongs to the choice.
    static AppOptions changes(Arguments typed) {
        AppOptions options = Amendment.withArguments(options(typed, ""), typed.afterDashes());
        Map<Attribute, Node> values = new LinkedHashMap<>(options.values());
        values.remove(Attribute.NAMESPACE);
        return new AppOptions(options.source(), options.path(), values, options.envs());
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
        for (Map.Entry<Option, Flag> entry : FLAGS.entrySet()) {
            if (typed.has(entry.getKey())) {
                options = options.with(entry.getValue().attribute, Node.bool(entry.getValue().value));
            }
        }
        for (Map.Entry<Option, Attribute> entry : LISTS.entrySet()) {
            if (typed.has(entry.getKey())) {
                String words = typed.value(entry.getKey()).orElse("").replace(',', ' ');
                options = options.with(entry.getValue(), Node.text(words));
            }
        }
        // PM2: a bare number is in seconds here, and in milliseconds in a file.
        String delay = typed.value(Option.WATCH_DELAY).orElse("");
        if (delay.matches("\\d{1,7}(\\.\\d{1,3})?")) {
            long millis = new BigDecimal(delay).movePointRight(3).longValueExact();
            options = options.with(Attribute.WATCH_DELAY, Node.text(millis + "ms"));
        }
        String paths = typed.value(Option.WATCH).orElse("");
        if (!paths.isEmpty()) {
            List<Node> nodes = Stream.of(paths.split(",")).<Node>map(Node::text).toList();
            options = options.with(Attribute.WATCH, new Node.Arr(Node.Position.UNKNOWN, nodes));
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
        attributes.put(Option.EXP_BACKOFF_RESTART_DELAY, Attribute.EXP_BACKOFF_RESTART_DELAY);
        attributes.put(Option.MAX_MEMORY_RESTART, Attribute.MAX_MEMORY_RESTART);
        attributes.put(Option.CRON, Attribute.CRON_RESTART);
        attributes.put(Option.WATCH_DELAY, Attribute.WATCH_DELAY);
        attributes.put(Option.KILL_SIGNAL, Attribute.KILL_SIGNAL);
        attributes.put(Option.UID, Attribute.UID);
        attributes.put(Option.GID, Attribute.GID);
        attributes.put(Option.LOG, Attribute.LOG_FILE);
        attributes.put(Option.LOG_TYPE, Attribute.LOG_TYPE);
        attributes.put(Option.LOG_DATE_FORMAT, Attribute.LOG_DATE_FORMAT);
        attributes.put(Option.INSTANCE_VAR, Attribute.INSTANCE_VAR);
        attributes.put(Option.PID, Attribute.PID_FILE);
        return attributes;
    }

    private static Map<Option, Flag> flags() {
        Map<Option, Flag> flags = new LinkedHashMap<>();
        flags.put(Option.WAIT_READY, new Flag(Attribute.WAIT_READY, true));
        flags.put(Option.NO_AUTORESTART, new Flag(Attribute.AUTORESTART, false));
        flags.put(Option.NO_AUTOSTART, new Flag(Attribute.AUTOSTART, false));
        flags.put(Option.MERGE_LOGS, new Flag(Attribute.MERGE_LOGS, true));
        flags.put(Option.WATCH, new Flag(Attribute.WATCH, true));
        flags.put(Option.SHUTDOWN_WITH_MESSAGE, new Flag(Attribute.SHUTDOWN_WITH_MESSAGE, true));
        flags.put(Option.NO_TREEKILL, new Flag(Attribute.TREEKILL, false));
        flags.put(Option.TIME, new Flag(Attribute.TIME, true));
        flags.put(Option.DISABLE_LOGS, new Flag(Attribute.DISABLE_LOGS, true));
        flags.put(Option.SOURCE_MAP_SUPPORT, new Flag(Attribute.SOURCE_MAP_SUPPORT, true));
        flags.put(Option.DISABLE_SOURCE_MAP_SUPPORT, new Flag(Attribute.DISABLE_SOURCE_MAP_SUPPORT, true));
        return flags;
    }
}
