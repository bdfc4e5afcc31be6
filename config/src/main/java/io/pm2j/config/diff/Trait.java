package io.pm2j.config.diff;

import io.pm2j.config.Cron;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Environment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/// One attribute of an app: what its change needs, and where it is in a spec.
///
/// Open traits are shown with both values; of the others only the name: arguments and variables may hold secrets.
record Trait(String name, Way way, boolean open, Function<AppSpec, Object> value) {
    /// All that can differ but for the variables, and the number of instances.
    static final List<Trait> ALL = List.of(
            open("exec_mode", Way.RESTART, spec -> spec.execMode().pm2Text()),
            open("script", Way.RELOAD, spec -> spec.program().script()),
            named("args", spec -> spec.program().args()),
            open("interpreter", Way.RELOAD, spec -> spec.program().interpreter()),
            named("interpreter_args", spec -> spec.program().interpreterArgs()),
            open("cwd", Way.RELOAD, AppSpec::cwd),
            open("port", Way.RELOAD, AppSpec::port),
            named("filter_env", spec -> spec.environment().dropped()),
            open("instance_var", Way.RELOAD, spec -> spec.environment().instanceVariable()),
            open("increment_var", Way.RELOAD, spec -> spec.environment().counted()),
            open("uid", Way.RELOAD, spec -> spec.process().user()),
            open("gid", Way.RELOAD, spec -> spec.process().group()),
            open("umask", Way.RELOAD, spec -> spec.process().umask()),
            open("open_files", Way.RELOAD, spec -> spec.process().openFiles()),
            open("pid_file", Way.RELOAD, AppSpec::pidFile),
            open("watchdog", Way.RELOAD, spec -> spec.restart().watchdog()),
            open("out_file", Way.RELOAD, spec -> spec.logs().out()),
            open("error_file", Way.RELOAD, spec -> spec.logs().error()),
            open("log_file", Way.RELOAD, spec -> spec.logs().combined()),
            open("merge_logs", Way.RELOAD, Trait::merged),
            open("log_date_format", Way.RELOAD, spec -> spec.logs().dateFormat()),
            open("log_type", Way.RELOAD, spec -> spec.logs().json() ? "json" : "text"),
            open("disable_logs", Way.RELOAD, spec -> spec.logs().disabled()),
            named("log_rotate", Way.IN_PLACE, spec -> spec.logs().rotation()),
            open("namespace", Way.IN_PLACE, AppSpec::namespace),
            open("autostart", Way.IN_PLACE, AppSpec::autostart),
            open("wait_ready", Way.IN_PLACE, spec -> spec.ready().waitForMessage()),
            open("listen_timeout", Way.IN_PLACE, spec -> spec.ready().limit()),
            open("kill_signal", Way.IN_PLACE, spec -> spec.stop().signal()),
            open("shutdown_with_message", Way.IN_PLACE, spec -> spec.stop().byMessage()),
            open("kill_timeout", Way.IN_PLACE, spec -> spec.stop().limit()),
            open("treekill", Way.IN_PLACE, spec -> spec.stop().wholeTree()),
            open("autorestart", Way.IN_PLACE, spec -> spec.restart().automatic()),
            open("min_uptime", Way.IN_PLACE, spec -> spec.restart().minUptime()),
            open("max_restarts", Way.IN_PLACE, spec -> spec.restart().maxUnstable()),
            open("restart_delay", Way.IN_PLACE, spec -> spec.restart().delay()),
            open(
                    "exp_backoff_restart_delay",
                    Way.IN_PLACE,
                    spec -> spec.restart().backoff()),
            open("stop_exit_codes", Way.IN_PLACE, spec -> spec.restart().finalExitCodes()),
            open("max_memory_restart", Way.IN_PLACE, spec -> spec.restart().maxMemoryBytes()),
            open("cron_restart", Way.IN_PLACE, spec -> spec.restart().cron().map(Cron::text)),
            open("watch", Way.IN_PLACE, spec -> spec.watch().paths()),
            open("ignore_watch", Way.IN_PLACE, spec -> spec.watch().ignored()),
            open("watch_delay", Way.IN_PLACE, spec -> spec.watch().delay()),
            open(
                    "depends_on",
                    Way.IN_PLACE,
                    spec -> spec.dependsOn().stream()
                            .map(one -> one.app() + ":" + one.condition().name().toLowerCase(Locale.ROOT))
                            .toList()),
            open("hold_timeout", Way.IN_PLACE, spec -> spec.rollout().hold()),
            open("surge", Way.IN_PLACE, spec -> spec.rollout().surge()),
            open("max_unavailable", Way.IN_PLACE, spec -> spec.rollout().maxUnavailable()),
            open("bake", Way.IN_PLACE, spec -> spec.rollout().bake()));

    private static Trait open(String name, Way way, Function<AppSpec, Object> value) {
        return new Trait(name, way, true, value);
    }

    private static Trait named(String name, Function<AppSpec, Object> value) {
        return named(name, Way.RELOAD, value);
    }

    private static Trait named(String name, Way way, Function<AppSpec, Object> value) {
        return new Trait(name, way, false, value);
    }

    /// What a scaling by hand wrote down is no difference.
    private static Object merged(AppSpec spec) {
        return spec.logs().merged().orElse(spec.instances().isEmpty());
    }

    boolean differs(AppSpec one, AppSpec other) {
        return !value.apply(one).equals(value.apply(other));
    }

    /// `max_restarts 16 -> 5`
    String shown(AppSpec before, AppSpec after) {
        return open ? name + " " + text(value.apply(before)) + " -> " + text(value.apply(after)) : name;
    }

    private static String text(Object value) {
        return switch (value) {
            case Optional<?> maybe -> maybe.map(Trait::text).orElse("none");
            case OptionalInt maybe -> maybe.isPresent() ? String.valueOf(maybe.getAsInt()) : "none";
            case OptionalLong maybe -> maybe.isPresent() ? String.valueOf(maybe.getAsLong()) : "none";
            case Duration duration -> duration.toMillis() + " ms";
            case List<?> list when list.isEmpty() -> "none";
            case List<?> list ->
                list.stream().map(Trait::text).reduce((a, b) -> a + " " + b).orElse("");
            case Set<?> set -> set.isEmpty() ? "none" : new TreeSet<>(set).toString();
            case Path path -> path.toString();
            default -> value.toString();
        };
    }

    /// The names of the app's own variables that are new, gone, or have another value.
    static List<String> variables(Environment before, Environment after) {
        Set<String> names = new TreeSet<>(before.own().keySet());
        names.addAll(after.own().keySet());
        return names.stream()
                .filter(name -> !Optional.ofNullable(before.own().get(name))
                        .equals(Optional.ofNullable(after.own().get(name))))
                .toList();
    }
}
