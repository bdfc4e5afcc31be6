package io.pm2j.cli.command;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Programs in the search path.
final class Programs {
    private static final String ALSO = ":/usr/sbin:/sbin:/usr/local/sbin";

    private Programs() {}

    static boolean isInPath(String name) {
        return find(name).isPresent();
    }

    /// Where it is; init systems' programs are looked for where only root's path leads.
    static Optional<Path> find(String name) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("/usr/local/bin:/usr/bin:/bin");
        for (String folder : (path + ALSO).split(":")) {
            Path file = Path.of(folder, name);
            if (!folder.isEmpty() && Files.isRegularFile(file) && Files.isExecutable(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }
}
