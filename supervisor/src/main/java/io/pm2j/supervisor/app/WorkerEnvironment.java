package io.pm2j.supervisor.app;

import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/// The environment of a worker: what the spec says, and the variables that PM2 adds and programs rely on.
final class WorkerEnvironment {
    private WorkerEnvironment() {}

    /// Pure. `privatePort` replaces `PORT`; `nodeId` makes the worker a member of Node's cluster; `channel` says that
    /// descriptor 3 is Node's channel.
    static Map<String, String> of(
            AppSpec spec, Path home, Instance instance, OptionalInt privatePort, OptionalInt nodeId, boolean channel) {
        Map<String, String> env = new LinkedHashMap<>(spec.env());
        // What a parent under Node left in the caller's environment concerns that parent's channel, not ours.
        env.keySet()
                .removeIf(name -> name.equals("NODE_CHANNEL_FD")
                        || name.equals("NODE_UNIQUE_ID")
                        || name.equals("NODE_CHANNEL_SERIALIZATION_MODE"));
        spec.port().ifPresent(port -> env.put("PORT", String.valueOf(port)));
        privatePort.ifPresent(port -> env.put("PORT", String.valueOf(port)));
        env.put("PM2_HOME", home.toString());
        env.put("PM2J_HOME", home.toString());
        env.put("name", spec.name().text());
        env.put("namespace", spec.namespace());
        env.put("pm_id", String.valueOf(instance.pmId));
        env.put("NODE_APP_INSTANCE", String.valueOf(instance.number));
        env.put("exec_mode", spec.execMode().pm2Text());
        env.put("instances", String.valueOf(spec.instanceCount()));
        env.put("pm_exec_path", spec.script());
        env.put("pm_cwd", spec.cwd().toString());
        if (channel) {
            env.put("NODE_CHANNEL_FD", "3");
            env.put("NODE_CHANNEL_SERIALIZATION_MODE", "json");
        }
        if (spec.execMode() == ExecMode.CLUSTER) {
            nodeId.ifPresent(id -> env.put("NODE_UNIQUE_ID", String.valueOf(id)));
        }
        return env;
    }
}
