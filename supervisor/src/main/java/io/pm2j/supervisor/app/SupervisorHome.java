package io.pm2j.supervisor.app;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import java.nio.file.Path;

/// Where the supervisor keeps files: PM2's names under the home.
public record SupervisorHome(Path root) {
    public Path logs() {
        return root.resolve("logs");
    }

    public Path pids() {
        return root.resolve("pids");
    }

    /// PM2: pids/NAME-ID.pid.
    public Path pidFile(AppName app, int pmId) {
        return pids().resolve(app.text() + "-" + pmId + ".pid");
    }

    /// PM2: logs/NAME-out.log, with `-ID` before `.log` unless the instances share one file.
    public Path outFile(AppSpec spec, int pmId) {
        return perInstance(spec, spec.outFile().orElse(logs().resolve(spec.name() + "-out.log")), pmId);
    }

    /// PM2: logs/NAME-error.log, as [#outFile].
    public Path errorFile(AppSpec spec, int pmId) {
        return perInstance(spec, spec.errorFile().orElse(logs().resolve(spec.name() + "-error.log")), pmId);
    }

    private static Path perInstance(AppSpec spec, Path path, int pmId) {
        boolean merged = spec.mergeLogs().orElse(spec.instances().isEmpty());
        if (merged || path.toString().equals("/dev/null") || path.endsWith("NULL")) {
            return path;
        }
        String name = path.getFileName().toString();
        int dot = name.endsWith(".log") ? name.length() - 4 : name.length();
        return path.resolveSibling(name.substring(0, dot) + "-" + pmId + name.substring(dot));
    }
}
