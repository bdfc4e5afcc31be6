package io.pm2j.config.read;

import io.pm2j.config.AppName;
import io.pm2j.config.Cron;
import io.pm2j.config.spec.DrainSpec;
import io.pm2j.config.spec.LogRotation;
import io.pm2j.config.spec.LogSpec;
import io.pm2j.config.spec.ProcessSpec;
import io.pm2j.config.spec.ReadySpec;
import io.pm2j.config.spec.RestartSpec;
import io.pm2j.config.spec.RolloutSpec;
import io.pm2j.config.spec.StopSpec;
import io.pm2j.config.spec.WarmUpSpec;
import io.pm2j.config.spec.WatchSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/// How an app is to be treated, part by part, from what its options say.
final class Treatment {
    /// PM2: `time: true`.
    private static final String TIME_FORMAT = "YYYY-MM-DDTHH:mm:ss";

    private final Values values;
    private final Path cwd;
    private final Caller caller;

    Treatment(Values values, Path cwd, Caller caller) {
        this.values = values;
        this.cwd = cwd;
        this.caller = caller;
    }

    ReadySpec ready() {
        return new ReadySpec(
                values.flag(Attribute.WAIT_READY, false),
                values.duration(
                        Attribute.LISTEN_TIMEOUT, usual("PM2_GRACEFUL_LISTEN_TIMEOUT", ReadySpec.DEFAULT_LIMIT)));
    }

    RolloutSpec rollout() {
        boolean alone = values.flag(Attribute.EXCLUSIVE, false);
        int surge = values.whole(Attribute.SURGE, 0, 10_000).orElse(alone ? 0 : RolloutSpec.DEFAULT.surge());
        int missing = values.whole(Attribute.MAX_UNAVAILABLE, 0, 10_000)
                .orElse(alone ? 1 : RolloutSpec.DEFAULT.maxUnavailable());
        if (alone && surge > 0) {
            values.problem(Attribute.SURGE, surge + " with exclusive (expected: 0, no two workers at a time)");
            return RolloutSpec.DEFAULT;
        }
        if (surge + missing == 0) {
            values.problem(Attribute.SURGE, "0 with max_unavailable 0 (expected: one of them at least 1)");
            return RolloutSpec.DEFAULT;
        }
        Optional<Duration> bake = values.given(Attribute.BAKE)
                ? Optional.of(values.duration(Attribute.BAKE, Duration.ZERO))
                : Optional.empty();
        Optional<Duration> hold = values.given(Attribute.HOLD_TIMEOUT)
                ? Optional.of(values.duration(Attribute.HOLD_TIMEOUT, RolloutSpec.USUAL_HOLD))
                : Optional.empty();
        return new RolloutSpec(surge, missing, bake, drain(), warmUp(), hold);
    }

    private DrainSpec drain() {
        DrainSpec usual = DrainSpec.DEFAULT;
        return new DrainSpec(
                values.duration(Attribute.DRAIN_TIMEOUT, usual.requests()),
                values.duration(Attribute.STREAM_DRAIN, usual.streams()));
    }

    private Optional<WarmUpSpec> warmUp() {
        int count = values.whole(Attribute.WARMUP_COUNT, 1, 1_000).orElse(1);
        Optional<String> path = values.text(Attribute.WARMUP);
        try {
            return path.map(text -> new WarmUpSpec(text, count));
        } catch (IllegalArgumentException e) {
            values.problem(Attribute.WARMUP, "'" + path.orElse("") + "' (expected: a path such as /health)");
            return Optional.empty();
        }
    }

    StopSpec stop() {
        return new StopSpec(
                signal(),
                values.flag(Attribute.SHUTDOWN_WITH_MESSAGE, caller.says("PM2_KILL_USE_MESSAGE")),
                values.duration(Attribute.KILL_TIMEOUT, usual("PM2_KILL_TIMEOUT", StopSpec.DEFAULT_LIMIT)),
                values.flag(Attribute.TREEKILL, true));
    }

    /// PM2: the caller's PM2_KILL_SIGNAL, else SIGINT.
    private String signal() {
        String text = values.text(Attribute.KILL_SIGNAL)
                .orElse(caller.env().getOrDefault("PM2_KILL_SIGNAL", StopSpec.DEFAULT_SIGNAL))
                .toUpperCase(Locale.ROOT);
        String name = text.startsWith("SIG") ? text : "SIG" + text;
        if (!StopSpec.SIGNALS.contains(name)) {
            values.problem(Attribute.KILL_SIGNAL, "'" + text + "' (expected: a signal such as SIGTERM)");
            return StopSpec.DEFAULT_SIGNAL;
        }
        return name;
    }

    RestartSpec restart() {
        return new RestartSpec(
                values.flag(Attribute.AUTORESTART, true),
                values.duration(Attribute.MIN_UPTIME, RestartSpec.DEFAULT_MIN_UPTIME),
                values.whole(Attribute.MAX_RESTARTS, 0, 1_000_000).orElse(RestartSpec.DEFAULT_MAX_UNSTABLE),
                values.duration(Attribute.RESTART_DELAY, Duration.ZERO),
                values.duration(Attribute.EXP_BACKOFF_RESTART_DELAY, Duration.ZERO),
                finalExitCodes(),
                values.bytes(Attribute.MAX_MEMORY_RESTART),
                cron(),
                values.duration(Attribute.WATCHDOG, Duration.ZERO));
    }

    private Set<Integer> finalExitCodes() {
        Set<Integer> codes = new HashSet<>();
        for (String word : values.words(Attribute.STOP_EXIT_CODES)) {
            if (word.matches("\\d{1,3}") && Integer.parseInt(word) <= 255) {
                codes.add(Integer.parseInt(word));
            } else {
                values.problem(Attribute.STOP_EXIT_CODES, "'" + word + "' (expected: exit codes from 0 to 255)");
            }
        }
        return codes;
    }

    /// PM2: `0` removes the schedule.
    private Optional<Cron> cron() {
        Optional<String> text = values.text(Attribute.CRON_RESTART).filter(t -> !t.equals("0"));
        try {
            return text.map(Cron::parse);
        } catch (IllegalArgumentException e) {
            values.problem(Attribute.CRON_RESTART, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    /// PM2: `watch: true` is the app's folder.
    WatchSpec watch() {
        List<String> words = values.words(Attribute.WATCH);
        List<Path> paths = switch (words.size() == 1 ? words.getFirst() : "") {
            case "true" -> List.of(cwd);
            case "false" -> List.of();
            default ->
                words.stream()
                        .flatMap(word -> ScriptFinder.path(cwd, word).stream())
                        .toList();
        };
        return new WatchSpec(
                paths, values.words(Attribute.IGNORE_WATCH), values.duration(Attribute.WATCH_DELAY, Duration.ZERO));
    }

    LogSpec logs(AppName name) {
        Optional<String> format = values.text(Attribute.LOG_DATE_FORMAT)
                .or(() -> values.flag(Attribute.TIME, false) ? Optional.of(TIME_FORMAT) : Optional.empty());
        String type = values.text(Attribute.LOG_TYPE).orElse("");
        if (!type.isEmpty() && !type.equals("json")) {
            values.problem(Attribute.LOG_TYPE, "'" + type + "' (expected: json)");
        }
        return new LogSpec(
                logFile(Attribute.OUT_FILE),
                logFile(Attribute.ERROR_FILE),
                combined(name),
                values.flag(Attribute.MERGE_LOGS),
                format,
                type.equals("json"),
                values.flag(Attribute.DISABLE_LOGS, false),
                rotation());
    }

    /// PM2: `NULL` and `/dev/null` throw the text away.
    private Optional<Path> logFile(Attribute attribute) {
        return values.text(attribute).equals(Optional.of("NULL"))
                ? Optional.of(LogSpec.NOWHERE)
                : values.path(attribute, cwd);
    }

    /// PM2: `true` is the usual place, which the home knows: NAME.log.
    private Optional<Path> combined(AppName name) {
        return switch (values.text(Attribute.LOG_FILE).orElse("false")) {
            case "true" -> Optional.of(Path.of(name.text() + ".log"));
            case "false" -> Optional.empty();
            default -> logFile(Attribute.LOG_FILE);
        };
    }

    /// `false`, `true`, or an object of `max_size`, `daily`, `keep`, `compress` and `total_size`.
    private LogRotation rotation() {
        LogRotation usual = LogRotation.DEFAULT;
        Optional<Node> node = values.node(Attribute.LOG_ROTATE);
        if (node.isEmpty()) {
            return usual;
        }
        if (node.get() instanceof Node.Bool(Node.Position _, boolean on)) {
            return on ? usual : LogRotation.NEVER;
        }
        Map<String, Node> fields =
                values.fields(Attribute.LOG_ROTATE, List.of("max_size", "daily", "keep", "compress", "total_size"));
        return new LogRotation(
                size(fields, "max_size", usual.maxBytes()),
                flag(fields, "daily", usual.daily()),
                (int) size(fields, "keep", usual.keep()),
                flag(fields, "compress", usual.compress()),
                size(fields, "total_size", usual.totalBytes()));
    }

    private long size(Map<String, Node> fields, String name, long otherwise) {
        if (!fields.containsKey(name)) {
            return otherwise;
        }
        OptionalLong size = Values.bytes(fields.get(name));
        if (size.isEmpty() || name.equals("keep") && size.getAsLong() > 100_000) {
            values.problem(
                    Attribute.LOG_ROTATE, name + ": " + fields.get(name).shown() + " (expected: a number, or 10M)");
            return otherwise;
        }
        return size.getAsLong();
    }

    private boolean flag(Map<String, Node> fields, String name, boolean otherwise) {
        Node node = fields.get(name);
        if (node == null) {
            return otherwise;
        }
        if (node instanceof Node.Bool(Node.Position _, boolean value)) {
            return value;
        }
        values.problem(Attribute.LOG_ROTATE, name + ": " + node.shown() + " (expected: true or false)");
        return otherwise;
    }

    ProcessSpec process() {
        return new ProcessSpec(
                values.text(Attribute.UID),
                values.text(Attribute.GID),
                umask(),
                values.whole(Attribute.OPEN_FILES, 16, 100_000_000));
    }

    private OptionalInt umask() {
        Optional<String> text = values.text(Attribute.UMASK);
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        if (!text.get().matches("0?o?[0-7]{1,3}")) {
            values.problem(Attribute.UMASK, "'" + text.get() + "' (expected: three octal digits, such as '027')");
            return OptionalInt.empty();
        }
        String digits = text.get().replace("o", "");
        return OptionalInt.of(Integer.parseInt(digits, 8));
    }

    private Duration usual(String variable, Duration otherwise) {
        String text = caller.env().getOrDefault(variable, "");
        return text.matches("\\d{1,9}") ? Duration.ofMillis(Long.parseLong(text)) : otherwise;
    }
}
