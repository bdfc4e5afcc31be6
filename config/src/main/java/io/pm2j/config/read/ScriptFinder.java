package io.pm2j.config.read;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Finds what a `script` means: a file against the app's folder, a command in PATH, or a line for a shell.
final class ScriptFinder {
    private static final Map<String, String> BY_EXTENSION = Map.ofEntries(
            Map.entry("sh", "bash"),
            Map.entry("py", "python3"),
            Map.entry("rb", "ruby"),
            Map.entry("php", "php"),
            Map.entry("pl", "perl"),
            Map.entry("js", "node"),
            Map.entry("mjs", "node"),
            Map.entry("cjs", "node"),
            Map.entry("ts", "node"),
            Map.entry("mts", "node"),
            Map.entry("cts", "node"),
            Map.entry("coffee", "coffee"),
            Map.entry("ls", "lsc"),
            Map.entry("jar", "java"));

    private static final List<String> USUAL_ENTRIES = List.of("index.js", "app.js", "server.js", "main.js");

    private final Path cwd;
    private final String searchPath;

    ScriptFinder(Path cwd, String searchPath) {
        this.cwd = cwd;
        this.searchPath = searchPath;
    }

    /// What was found.
    sealed interface Found {
        record File(Path path) implements Found {}

        /// A command from PATH or `node_modules/.bin`.
        record Command(Path path) implements Found {}

        /// A line for a shell.
        record Line(String text) implements Found {}

        /// Nothing that can be run; `sentence` says why.
        record Nothing(String sentence) implements Found {}
    }

    Found find(String script) {
        Path file = cwd.resolve(script).normalize();
        if (Files.isDirectory(file)) {
            return new Found.Nothing(file + " is a directory (expected: a script file" + entryOf(file) + ")");
        }
        if (Files.exists(file)) {
            return Files.isReadable(file)
                    ? new Found.File(file)
                    : new Found.Nothing(file + " is not readable by this user");
        }
        if (script.indexOf('/') < 0) {
            Optional<Path> command = program(script);
            if (command.isPresent()) {
                return new Found.Command(command.get());
            }
        }
        return script.strip().indexOf(' ') > 0
                ? new Found.Line(script)
                : new Found.Nothing("Script not found: " + file);
    }

    /// A program of that name: a path against the folder, else `node_modules/.bin` of the folder, else PATH.
    Optional<Path> program(String name) {
        if (name.indexOf('/') >= 0) {
            return executable(cwd.resolve(name));
        }
        Optional<Path> local = executable(cwd.resolve("node_modules/.bin").resolve(name));
        if (local.isPresent()) {
            return local;
        }
        for (String folder : searchPath.split(":")) {
            Optional<Path> found = folder.isEmpty()
                    ? Optional.empty()
                    : executable(cwd.resolve(folder).resolve(name));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /// The interpreter of a file by its extension; empty when the file is to be run itself.
    Optional<String> interpreterOf(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        String interpreter = dot < 0 ? null : BY_EXTENSION.get(name.substring(dot + 1));
        if (interpreter == null) {
            // PM2: a file that cannot be run itself is given to node.
            return Files.isExecutable(file) ? Optional.empty() : Optional.of("node");
        }
        boolean oldPython = interpreter.equals("python3")
                && program("python3").isEmpty()
                && program("python").isPresent();
        return Optional.of(oldPython ? "python" : interpreter);
    }

    private static String entryOf(Path folder) {
        return USUAL_ENTRIES.stream()
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .map(entry -> "; did you mean " + entry + "?")
                .orElse("");
    }

    private static Optional<Path> executable(Path candidate) {
        return Files.isRegularFile(candidate) && Files.isExecutable(candidate)
                ? Optional.of(candidate.toAbsolutePath().normalize())
                : Optional.empty();
    }
}
