package io.pm2j.config.read;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Every attribute of an app that pm2j acts on, under PM2's names; the first one is the name used in messages. Each
/// may also be written in camelCase.
public enum Attribute {
    NAME("name"),
    SCRIPT("script", "exec", "cmd", "command"),
    ARGS("args"),
    CWD("cwd"),
    INTERPRETER("interpreter", "exec_interpreter"),
    INTERPRETER_ARGS("interpreter_args", "node_args"),
    SOURCE_MAP_SUPPORT("source_map_support"),
    DISABLE_SOURCE_MAP_SUPPORT("disable_source_map_support"),
    INSTANCES("instances"),
    EXEC_MODE("exec_mode"),
    NAMESPACE("namespace"),
    ENV("env"),
    ENV_FILE("env_file"),
    FILTER_ENV("filter_env"),
    APPEND_ENV_TO_NAME("append_env_to_name"),
    INSTANCE_VAR("instance_var"),
    INCREMENT_VAR("increment_var"),
    PORT("port"),
    EDGE("edge"),
    UID("uid", "user"),
    GID("gid", "group"),
    UMASK("umask"),
    OPEN_FILES("open_files"),
    PID_FILE("pid_file", "pid"),
    AUTOSTART("autostart"),
    WAIT_READY("wait_ready"),
    LISTEN_TIMEOUT("listen_timeout"),
    SURGE("surge"),
    MAX_UNAVAILABLE("max_unavailable"),
    BAKE("bake", "min_healthy"),
    EXCLUSIVE("exclusive"),
    DRAIN_TIMEOUT("drain_timeout"),
    STREAM_DRAIN("stream_drain"),
    WARMUP("warmup"),
    WARMUP_COUNT("warmup_count"),
    HOLD_TIMEOUT("hold_timeout"),
    DEPENDS_ON("depends_on"),
    KILL_SIGNAL("kill_signal"),
    SHUTDOWN_WITH_MESSAGE("shutdown_with_message"),
    KILL_TIMEOUT("kill_timeout"),
    TREEKILL("treekill"),
    AUTORESTART("autorestart"),
    MIN_UPTIME("min_uptime"),
    MAX_RESTARTS("max_restarts"),
    RESTART_DELAY("restart_delay"),
    EXP_BACKOFF_RESTART_DELAY("exp_backoff_restart_delay"),
    STOP_EXIT_CODES("stop_exit_codes"),
    MAX_MEMORY_RESTART("max_memory_restart"),
    CRON_RESTART("cron_restart", "cron"),
    WATCHDOG("watchdog"),
    WATCH("watch"),
    IGNORE_WATCH("ignore_watch"),
    WATCH_DELAY("watch_delay"),
    OUT_FILE("out_file", "out", "output", "out_log"),
    ERROR_FILE("error_file", "error", "err", "err_file", "err_log"),
    LOG_FILE("log_file", "log"),
    MERGE_LOGS("merge_logs", "combine_logs"),
    DISABLE_LOGS("disable_logs"),
    LOG_TYPE("log_type"),
    LOG_DATE_FORMAT("log_date_format"),
    TIME("time"),
    LOG_ROTATE("log_rotate");

    /// What PM2 knows and pm2j does not act on: named in a warning, not refused.
    private static final Set<String> PM2_ONLY = Set.of(
            "name_prefix",
            "install_url",
            "write",
            "kill_retry_time",
            "watch_options",
            "force",
            "vizion",
            "pmx",
            "automation",
            "trace",
            "disable_trace",
            "v8",
            "event_loop_inspector",
            "deep_monitoring",
            "io",
            "post_update",
            "windowsHide",
            "username",
            "execute_command");

    /// Of those, what PM2 does unless it is told not to, and pm2j does always.
    private static final Set<String> ON_WITHOUT_SAYING = Set.of("windowsHide");

    private static final Map<String, Attribute> BY_NAME = byName();

    private final List<String> names;

    Attribute(String... names) {
        this.names = List.of(names);
    }

    /// The name used in messages.
    public String text() {
        return names.getFirst();
    }

    /// Every way to write it.
    List<String> everyName() {
        return names.stream()
                .flatMap(name -> Stream.of(name, camel(name)))
                .distinct()
                .toList();
    }

    /// Every way to write what [#ofPm2Only] knows.
    static List<String> everyNameOfPm2Only() {
        return PM2_ONLY.stream()
                .flatMap(name -> Stream.of(name, camel(name)))
                .distinct()
                .sorted()
                .toList();
    }

    static Optional<Attribute> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /// Whether PM2 acts on it and pm2j does not.
    static boolean ofPm2Only(String name) {
        return PM2_ONLY.contains(name)
                || PM2_ONLY.stream().anyMatch(known -> camel(known).equals(name));
    }

    /// Whether the flag of that name, which [#ofPm2Only] knows, means nothing new when it is true.
    static boolean onWithoutSaying(String name) {
        return ON_WITHOUT_SAYING.contains(name);
    }

    /// The known attribute that `name` was probably meant to be, when one is near.
    static Optional<String> nearest(String name) {
        List<String> known = new ArrayList<>(BY_NAME.keySet());
        known.addAll(PM2_ONLY);
        return Nearest.to(name, known);
    }

    private static Map<String, Attribute> byName() {
        Map<String, Attribute> all = new TreeMap<>();
        for (Attribute attribute : values()) {
            for (String name : attribute.names) {
                all.put(name, attribute);
                all.put(camel(name), attribute);
            }
        }
        return all;
    }

    private static String camel(String snake) {
        StringBuilder text = new StringBuilder();
        for (String word : snake.split("_")) {
            text.append(text.isEmpty() ? word : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
        }
        return text.toString();
    }
}
