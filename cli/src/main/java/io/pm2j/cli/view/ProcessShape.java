package io.pm2j.cli.view;

import io.pm2j.config.Cron;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.LogSpec;
import io.pm2j.config.spec.RestartSpec;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.Standing;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// An instance in PM2's shape, names and order: what `jlist` and `prettylist` print. Values are texts, numbers,
/// flags, lists and maps. Pure.
///
/// As with PM2, `pm2_env` holds the configuration, every environment variable once more at its top level (unless a
/// key of that name stands there), and the environment itself under `env`.
public final class ProcessShape {
    private final ProcessView view;
    private final Optional<AppSpec> spec;

    private ProcessShape(ProcessView view, Optional<AppSpec> spec) {
        this.view = view;
        this.spec = spec;
    }

    /// The instances, with what is wanted of their apps; a site has no spec.
    public static List<Map<String, Object>> all(List<ProcessView> views, List<AppSpec> specs) {
        Map<String, AppSpec> byName = new LinkedHashMap<>();
        specs.forEach(spec -> byName.put(spec.name().text(), spec));
        List<Map<String, Object>> all = new ArrayList<>();
        for (ProcessView view : views) {
            all.add(new ProcessShape(view, Optional.ofNullable(byName.get(view.name()))).process());
        }
        return all;
    }

    /// What is under `pm2_env`.
    public static Map<String, Object> environment(ProcessView view, List<AppSpec> specs) {
        return new ProcessShape(
                        view,
                        specs.stream()
                                .filter(s -> s.name().text().equals(view.name()))
                                .findFirst())
                .environment();
    }

    private Map<String, Object> process() {
        Map<String, Object> process = new LinkedHashMap<>();
        process.put("pid", (long) view.pid());
        process.put("name", view.name());
        process.put("pm2_env", environment());
        process.put("pm_id", (long) view.pmId());
        Map<String, Object> monit = new LinkedHashMap<>();
        monit.put("memory", view.memoryBytes());
        monit.put("cpu", view.cpuPercent());
        process.put("monit", monit);
        return process;
    }

    private Map<String, Object> environment() {
        Map<String, String> env = spec.map(s -> s.environment().merged()).orElseGet(view::env);
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("name", view.name());
        all.put("filter_env", spec.map(s -> s.environment().dropped()).orElse(List.of()));
        all.put("namespace", view.namespace());
        Map<String, Object> own = new LinkedHashMap<>(env);
        spec.ifPresent(s -> s.port().ifPresent(port -> own.put("PORT", (long) port)));
        all.put("env", own);
        all.put("args", view.args());
        spec.ifPresent(s -> configuration(s, all));
        places(all);
        Map<String, Object> runtime = runtime();
        own.forEach((name, value) -> {
            if (!runtime.containsKey(name)) {
                all.putIfAbsent(name, value);
            }
        });
        all.putIfAbsent("PM2_USAGE", "CLI"); // as its workers have it
        all.putAll(runtime);
        return all;
    }

    /// What was asked for, or PM2's default where nothing was.
    private void configuration(AppSpec wanted, Map<String, Object> all) {
        restarts(wanted.restart(), all);
        all.put("kill_timeout", wanted.stop().limit().toMillis());
        all.put("kill_signal", wanted.stop().signal());
        all.put("shutdown_with_message", wanted.stop().byMessage());
        all.put("listen_timeout", wanted.ready().limit().toMillis());
        all.put("wait_ready", wanted.ready().waitForMessage());
        logs(wanted, all);
        wanted.port().ifPresent(port -> all.put("port", (long) port));
        wanted.process().user().ifPresent(user -> all.put("uid", user));
        wanted.process().group().ifPresent(group -> all.put("gid", group));
        all.put("instances", (long) wanted.instanceCount());
        // PM2 has true by default: pm2j looks at no version control and puts no agent into apps.
        all.put("vizion", false);
        all.put("pmx", false);
        all.put("automation", false);
        all.put("autostart", wanted.autostart());
        all.put("autorestart", wanted.restart().automatic());
        all.put("watch", watch(wanted));
        if (!wanted.watch().ignored().isEmpty()) {
            all.put("ignore_watch", wanted.watch().ignored());
        }
        all.put("instance_var", wanted.environment().instanceVariable());
        all.put("treekill", wanted.stop().wholeTree());
        // Programs that read the list look for these; here they are never anything else.
        all.put("kill_retry_time", 100L);
        all.put("windowsHide", true);
    }

    private static void restarts(RestartSpec restart, Map<String, Object> all) {
        restart.maxMemoryBytes().ifPresent(bytes -> all.put("max_memory_restart", bytes));
        all.put("min_uptime", restart.minUptime().toMillis());
        all.put("max_restarts", (long) restart.maxUnstable());
        if (!restart.delay().isZero()) {
            all.put("restart_delay", restart.delay().toMillis());
        }
        if (!restart.backoff().isZero()) {
            all.put("exp_backoff_restart_delay", restart.backoff().toMillis());
        }
        if (!restart.finalExitCodes().isEmpty()) {
            all.put(
                    "stop_exit_codes",
                    restart.finalExitCodes().stream()
                            .sorted()
                            .map(code -> (long) code)
                            .toList());
        }
        restart.cron().map(Cron::toString).ifPresent(times -> all.put("cron_restart", times));
    }

    private static void logs(AppSpec wanted, Map<String, Object> all) {
        LogSpec logs = wanted.logs();
        all.put("merge_logs", logs.merged().orElse(wanted.instances().isEmpty()));
        logs.dateFormat().ifPresent(format -> all.put("log_date_format", format));
        if (logs.json()) {
            all.put("log_type", "json");
        }
        if (logs.disabled()) {
            all.put("disable_logs", true);
        }
        logs.combined().ifPresent(path -> all.put("pm_log_path", path.toString()));
    }

    /// PM2: `true`, or the paths as they were written.
    private Object watch(AppSpec wanted) {
        List<Path> paths = wanted.watch().paths();
        if (!view.watching() || paths.isEmpty()) {
            return false;
        }
        return paths.equals(List.of(wanted.cwd()))
                ? true
                : paths.stream()
                        .map(path -> path.startsWith(wanted.cwd())
                                ? wanted.cwd().relativize(path).toString()
                                : path.toString())
                        .toList();
    }

    private void places(Map<String, Object> all) {
        all.put("username", view.user());
        all.put("node_args", view.interpreterArgs());
        all.put("pm_exec_path", view.script());
        all.put("cwd", view.cwd());
        all.put("pm_cwd", view.cwd());
        all.put("exec_interpreter", view.interpreter());
        all.put("exec_mode", view.execMode() + "_mode");
        all.put("pm_out_log_path", view.outLogPath());
        all.put("pm_err_log_path", view.errorLogPath());
        all.put("pm_pid_path", view.pidPath());
        all.put("km_link", false);
        all.put("vizion_running", false);
        all.put(spec.map(s -> s.environment().instanceVariable()).orElse("NODE_APP_INSTANCE"), (long)
                view.instanceNumber());
    }

    /// The same for as long as the instance is in the list.
    private String uniqueId() {
        String life = view.name() + " " + view.pmId() + " " + view.createdAtMillis();
        return UUID.nameUUIDFromBytes(life.getBytes(StandardCharsets.UTF_8)).toString();
    }

    private Map<String, Object> runtime() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("unique_id", uniqueId());
        all.put("status", view.status());
        all.put("pm_uptime", view.startedAtMillis());
        all.put("axm_actions", List.of());
        all.put("axm_monitor", Map.of());
        all.put("axm_options", Map.of());
        all.put("axm_dynamic", Map.of());
        all.put("created_at", view.createdAtMillis());
        all.put("pm_id", (long) view.pmId());
        all.put("restart_time", (long) view.restarts());
        all.put("unstable_restarts", (long) view.unstableRestarts());
        all.put("version", view.version());
        if (!view.nodeVersion().isEmpty()) {
            all.put("node_version", view.nodeVersion());
        }
        view.exitCode().ifPresent(code -> all.put("exit_code", (long) code));
        all.put("generation", (long) view.generation());
        all.put("edge_listens", view.listens());
        all.put("pm2j", standing(view.standing()));
        return all;
    }

    /// What PM2 has no word for; keys are there only where there is something to say.
    private static Map<String, Object> standing(Standing standing) {
        Map<String, Object> own = new LinkedHashMap<>();
        standing.canary().ifPresent(open -> {
            Map<String, Object> canary = new LinkedHashMap<>();
            canary.put("generation", (long) open.generation());
            canary.put("share", open.share());
            canary.put("this", standing.onTrial());
            own.put("canary", canary);
        });
        if (!standing.canaryEnded().isEmpty()) {
            own.put("canary_aborted", standing.canaryEnded());
        }
        if (!standing.maintenance().isEmpty()) {
            own.put("maintenance", standing.maintenance());
        }
        if (!standing.oldWorkers().isEmpty()) {
            own.put(
                    "old_workers",
                    standing.oldWorkers().stream()
                            .<Object>map(ProcessShape::oldWorker)
                            .toList());
        }
        if (!standing.generations().isEmpty()) {
            own.put(
                    "generations",
                    standing.generations().stream()
                            .<Object>map(ProcessShape::past)
                            .toList());
        }
        return own;
    }

    private static Map<String, Object> oldWorker(Standing.OldWorker old) {
        Map<String, Object> shape = new LinkedHashMap<>();
        shape.put("pid", (long) old.pid());
        shape.put("generation", (long) old.generation());
        shape.put("started_at", old.startedAtMillis());
        return shape;
    }

    private static Map<String, Object> past(Standing.Past past) {
        Map<String, Object> shape = new LinkedHashMap<>();
        shape.put("number", (long) past.number());
        shape.put("since", past.sinceMillis());
        shape.put("change", past.change());
        return shape;
    }
}
