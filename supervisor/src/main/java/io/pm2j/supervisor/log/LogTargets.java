package io.pm2j.supervisor.log;

import io.pm2j.config.spec.LogRotation;
import io.pm2j.config.spec.LogSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The files that one stream is written to, and how.
public record LogTargets(List<Path> files, LogFormat format, LogRotation rotation) {
    public LogTargets {
        files = List.copyOf(files);
    }

    /// What `spec` wants of a stream whose own file is `own`, and that of both streams
    /// `combined`: none when logs are disabled, without the files that are switched off.
    public static LogTargets of(LogSpec spec, Path own, Optional<Path> combined) {
        List<Path> files = new ArrayList<>();
        if (!spec.disabled()) {
            files.add(own);
            combined.filter(path -> !path.equals(own)).ifPresent(files::add);
            files.removeIf(LogShelf::discards);
        }
        return new LogTargets(files, LogFormat.of(spec), spec.rotation());
    }
}
