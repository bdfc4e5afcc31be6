package io.pm2j.supervisor.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Finds programs as a shell does.
public final class ProgramPath {
    private ProgramPath() {}

    /// The absolute path of `program`: itself when it holds a slash (against `cwd`), else the first executable of that
    /// name in the colon-separated `path`.
    public static Optional<Path> find(String program, String path, Path cwd) {
        if (program.indexOf('/') >= 0) {
            return executable(cwd.resolve(program));
        }
        for (String folder : path.split(":")) {
            Optional<Path> found =
                    executable(cwd.resolve(folder.isEmpty() ? "." : folder).resolve(program));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<Path> executable(Path candidate) {
        return Files.isRegularFile(candidate) && Files.isExecutable(candidate)
                ? Optional.of(candidate.toAbsolutePath().normalize())
                : Optional.empty();
    }
}
