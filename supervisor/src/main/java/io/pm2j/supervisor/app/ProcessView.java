package io.pm2j.supervisor.app;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// A picture of one instance, as `ls`, `jlist` and `describe` show it.
///
/// `status` is PM2's word (`launching`, `online`, `stopping`, `stopped`, `errored`, `waiting
/// restart`). `pid` is 0 when no worker runs. Times are epoch milliseconds; `startedAtMillis` is
/// the present worker's start, `createdAtMillis` the start by the operator. `cpuPercent` is of
/// one core, `memoryBytes` the resident size. `execMode` is `fork`, `cluster` or `static` (a site
/// served by the edge: no process). `listens` holds the addresses that the edge opened for the
/// app. `instances` is 0 when the user did not ask for a number.
public record ProcessView(
        int pmId,
        String name,
        String namespace,
        String version,
        String execMode,
        int pid,
        String status,
        int restarts,
        int unstableRestarts,
        long startedAtMillis,
        long createdAtMillis,
        double cpuPercent,
        long memoryBytes,
        String user,
        boolean watching,
        boolean autorestart,
        int generation,
        int instances,
        int instanceNumber,
        String script,
        List<String> args,
        String cwd,
        String interpreter,
        List<String> interpreterArgs,
        String nodeVersion,
        String outLogPath,
        String errorLogPath,
        String pidPath,
        OptionalInt exitCode,
        String lastExit,
        String lastReason,
        String said,
        List<String> listens,
        long killTimeoutMillis,
        long listenTimeoutMillis,
        boolean waitReady,
        Map<String, String> env,
        Standing standing) {
    public ProcessView {
        args = List.copyOf(args);
        interpreterArgs = List.copyOf(interpreterArgs);
        listens = List.copyOf(listens);
        env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
    }

    /// The same, with its environment.
    public ProcessView withEnv(Map<String, String> variables) {
        return with(variables, standing);
    }

    /// The same, as it stands.
    public ProcessView withStanding(Standing how) {
        return with(env, how);
    }

    private ProcessView with(Map<String, String> variables, Standing how) {
        return new ProcessView(
                pmId,
                name,
                namespace,
                version,
                execMode,
                pid,
                status,
                restarts,
                unstableRestarts,
                startedAtMillis,
                createdAtMillis,
                cpuPercent,
                memoryBytes,
                user,
                watching,
                autorestart,
                generation,
                instances,
                instanceNumber,
                script,
                args,
                cwd,
                interpreter,
                interpreterArgs,
                nodeVersion,
                outLogPath,
                errorLogPath,
                pidPath,
                exitCode,
                lastExit,
                lastReason,
                said,
                listens,
                killTimeoutMillis,
                listenTimeoutMillis,
                waitReady,
                variables,
                how);
    }

    /// Leaves the environment out: it may hold secrets.
    @Override
    public String toString() {
        return "ProcessView[" + pmId + " " + name + " " + status + " pid " + pid + "]";
    }
}
