package io.pm2j.supervisor.app;

import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.LogSpec;
import java.nio.file.Path;
import java.util.Optional;

/// Where the supervisor keeps files: PM2's names under the home.
public record SupervisorHome(Path root) {
    public Path logs() {
        return root.resolve("logs");
    }

    public Path pids() {
        return root.resolve("pids");
    }

    /// What must outlive the daemon, one file an app.
    public Path journal() {
        return root.resolve("journal");
    }

    /// Where the worker of that token speaks by sd_notify.
    Path notifySocket(String token) {
        return notifySockets().resolve(token);
    }

    /// Where it is noted that a message to the worker of that token may have gone in part.
    Path torn(String token) {
        return torn().resolve(token);
    }

    Path torn() {
        return root.resolve("torn");
    }

    Path notifySockets() {
        return root.resolve("notify");
    }

    /// PM2: pids/NAME-ID.pid.
    public Path pidFile(AppSpec spec, int pmId) {
        return spec.pidFile()
                .map(path -> numbered(spec, path, pmId, ".pid"))
                .orElseGet(() -> pids().resolve(spec.name() + "-" + pmId + ".pid"));
    }

    /// PM2: logs/NAME-out.log, with `-ID` before `.log` unless the instances share one file.
    public Path outFile(AppSpec spec, int pmId) {
        return log(spec, spec.logs().out().orElse(logs().resolve(spec.name() + "-out.log")), pmId);
    }

    /// PM2: logs/NAME-error.log, as [#outFile].
    public Path errorFile(AppSpec spec, int pmId) {
        return log(spec, spec.logs().error().orElse(logs().resolve(spec.name() + "-error.log")), pmId);
    }

    /// The file that takes both streams, when one is wanted. PM2: log_file; a relative path is one of ours.
    public Optional<Path> combinedFile(AppSpec spec, int pmId) {
        return spec.logs().combined().map(path -> log(spec, logs().resolve(path), pmId));
    }

    private static Path log(AppSpec spec, Path path, int pmId) {
        return path.equals(LogSpec.NOWHERE) ? path : numbered(spec, path, pmId, ".log");
    }

    private static Path numbered(AppSpec spec, Path path, int pmId, String ending) {
        if (spec.logs().merged().orElse(spec.instances().isEmpty())) {
            return path;
        }
        String name = path.getFileName().toString();
        int dot = name.endsWith(ending) ? name.length() - ending.length() : name.length();
        return path.resolveSibling(name.substring(0, dot) + "-" + pmId + name.substring(dot));
    }
}
