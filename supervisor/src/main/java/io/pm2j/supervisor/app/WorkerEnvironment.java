package io.pm2j.supervisor.app;

import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Environment;
import io.pm2j.supervisor.process.ProcessTable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// The environment of a worker: what the spec says, and the variables that PM2 adds and programs rely on.
final class WorkerEnvironment {
    /// What a parent left in the caller's environment that concerns that parent's own arrangements, not ours.
    private static final List<String> OF_OTHERS = List.of(
            "NODE_CHANNEL_FD",
            "NODE_UNIQUE_ID",
            "NODE_CHANNEL_SERIALIZATION_MODE",
            "NOTIFY_SOCKET",
            "WATCHDOG_USEC",
            "WATCHDOG_PID",
            "LISTEN_PID",
            "LISTEN_FDS",
            "LISTEN_FDNAMES",
            "FDSTORE");

    private WorkerEnvironment() {}

    /// What a worker is given besides its spec. `privatePort` replaces `PORT`; `nodeId` makes it
    /// a member of Node's cluster; `channel` says that descriptor 3 is Node's channel; `token`
    /// marks all that descends from it.
    record Given(
            Path home,
            int pmId,
            int number,
            OptionalInt privatePort,
            Optional<Long> nodeId,
            boolean channel,
            String token,
            Optional<String> notifyAddress) {}

    /// Pure.
    static Map<String, String> of(AppSpec spec, Given given) {
        Map<String, String> env = spec.environment().merged();
        env.keySet().removeAll(OF_OTHERS);
        spec.port().ifPresent(port -> env.put("PORT", String.valueOf(port)));
        count(env, spec.environment(), given.number);
        given.privatePort.ifPresent(port -> env.put("PORT", String.valueOf(port)));
        env.putIfAbsent("PM2_USAGE", "CLI"); // by which programs see that they run under PM2
        env.put("PM2_HOME", given.home.toString());
        env.put("PM2J_HOME", given.home.toString());
        env.put(ProcessTable.WORKER_VARIABLE, given.token);
        env.put("name", spec.name().text());
        env.put("namespace", spec.namespace());
        env.put("pm_id", String.valueOf(given.pmId));
        env.put(spec.environment().instanceVariable(), String.valueOf(given.number));
        env.put("exec_mode", spec.execMode().pm2Text());
        env.put("instances", String.valueOf(spec.instanceCount()));
        env.put("pm_exec_path", spec.program().script());
        env.put("pm_cwd", spec.cwd().toString());
        if (given.channel) {
            env.put("NODE_CHANNEL_FD", "3");
            env.put("NODE_CHANNEL_SERIALIZATION_MODE", "json");
        }
        given.nodeId.ifPresent(id -> env.put("NODE_UNIQUE_ID", String.valueOf(id)));
        given.notifyAddress.ifPresent(address -> {
            env.put("NOTIFY_SOCKET", address);
            Duration watchdog = spec.restart().watchdog();
            if (!watchdog.isZero()) {
                env.put("WATCHDOG_USEC", String.valueOf(watchdog.toNanos() / 1_000));
            }
        });
        return env;
    }

    /// PM2: `increment_var` makes each instance's value one more than the last one's.
    private static void count(Map<String, String> env, Environment environment, int number) {
        environment.counted().ifPresent(name -> {
            String base = env.getOrDefault(name, "0");
            if (base.matches("-?\\d{1,15}")) {
                env.put(name, String.valueOf(Long.parseLong(base) + number));
            }
        });
    }
}
