package io.pm2j.cli.command;

import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.config.read.Caller;
import io.pm2j.config.read.EcosystemReader.ReadApps;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.control.ControlRequest;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Ecosystem files that were named, as read: their apps, and what each asks of the edge.
record EcosystemFiles(Map<String, ReadApps> files) {
    /// All are read before anything is done.
    static EcosystemFiles read(Session session, List<String> files, Caller caller) throws Failure {
        Map<String, ReadApps> read = new LinkedHashMap<>();
        for (String file : files) {
            ReadApps wants = TypedApps.fromFile(session, file, caller);
            if (file.equals(Operands.STANDARD_INPUT) && !wants.edgeText().json().isEmpty()) {
                throw new Failure("standard input: edge: what is asked of the edge belongs to a file, so that it can"
                        + " be asked anew (expected: a file)");
            }
            read.put(file, wants);
        }
        return new EcosystemFiles(read);
    }

    /// Tells the daemon which apps came from which file; after they were started.
    int remember(Session session) throws Failure {
        int code = ExitCode.OK;
        for (Map.Entry<String, ReadApps> file : files.entrySet()) {
            if (!file.getKey().equals(Operands.STANDARD_INPUT)) {
                code |= Ecosystem.remember(session, file.getKey(), file.getValue());
            }
        }
        return code;
    }

    boolean isEmpty() {
        return files.isEmpty();
    }

    List<AppSpec> apps() {
        return files.values().stream().flatMap(read -> read.apps().stream()).toList();
    }

    /// Tells the daemon what each file asks of the edge; before its apps, so that nothing is started when it cannot be.
    int edges(Session session) throws Failure {
        int code = ExitCode.OK;
        for (ControlRequest.Edge edge : edges()) {
            code |= session.ask(edge, _ -> {});
        }
        return code;
    }

    /// What each file asks of the edge.
    List<ControlRequest.Edge> edges() {
        return files.entrySet().stream()
                .filter(file -> !file.getKey().equals(Operands.STANDARD_INPUT))
                .map(file -> new ControlRequest.Edge(
                        Path.of(file.getKey()).toAbsolutePath().normalize().toString(),
                        file.getValue().edgeText()))
                .toList();
    }
}
