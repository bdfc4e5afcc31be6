package io.pm2j.config.read;

import io.pm2j.config.InvalidConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Finds what a `script` means: a file against the app's folder, a command in PATH, or a line for a shell.
final class ScriptFinder {
    /// What runs a file, by its extension: the first of them that is to be found.
    private static final Map<String, List<String>> BY_EXTENSION = Map.ofEntries(
            Map.entry("sh", List.of("bash")),
            Map.entry("py", List.of("python3", "python")),
            Map.entry("rb", List.of("ruby")),
            Map.entry("php", List.of("php")),
            Map.entry("pl", List.of("perl")),
            Map.entry("js", List.of("node")),
            Map.entry("mjs", List.of("node")),
            Map.entry("cjs", List.of("node")),
            Map.entry("ts", List.of("node")),
            Map.entry("mts", List.of("node")),
            Map.entry("cts", List.of("node")),
            Map.entry("tsx", List.of("bun", "tsx")),
            Map.entry("jsx", List.of("bun", "tsx")),
            Map.entry("coffee", List.of("coffee")),
            Map.entry("ls", List.of("lsc")),
            Map.entry("jar", List.of("java")),
            Map.entry("class", List.of("java")));

    private static final List<String> USUAL_ENTRIES = List.of("index.js", "app.js", "server.js", "main.js");

    /// PM2: static files as an app.
    private static final String SERVE =
            " (expected, to serve files: pm2j serve <folder> <port>, or an edge route with static)";

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
        Optional<Path> path = path(cwd, script);
        if (path.isEmpty()) {
            return new Found.Nothing("'" + script + "' (expected: a path in this system's encoding)");
        }
        Path file = path.get();
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
                : new Found.Nothing("Script not found: " + file + (script.equals("serve") ? SERVE : ""));
    }

    /// What runs scripts: as named when it is in PATH, so that it is looked up anew at each
    /// start; else the whole path of what the name means in the folder or in its
    /// `node_modules/.bin`.
    Optional<String> interpreter(String name) {
        return name.indexOf('/') < 0 && inPath(name).isPresent()
                ? Optional.of(name)
                : program(name).map(Path::toString);
    }

    /// A program of that name: a path against the folder, else `node_modules/.bin` of the folder, else PATH.
    Optional<Path> program(String name) {
        if (name.indexOf('/') >= 0) {
            return executable(cwd, name);
        }
        return executable(cwd.resolve("node_modules/.bin"), name).or(() -> inPath(name));
    }

    private Optional<Path> inPath(String name) {
        for (String folder : searchPath.split(":")) {
            Optional<Path> found =
                    folder.isEmpty() ? Optional.empty() : path(cwd, folder).flatMap(place -> executable(place, name));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /// `text` as a path against `folder`; empty when it cannot be one (a NUL, or letters that the system's encoding
    /// lacks).
    static Optional<Path> path(Path folder, String text) {
        try {
            return Optional.of(folder.resolve(text).toAbsolutePath().normalize());
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /// The interpreter of a file by its extension; empty when the file is to be run itself.
    Optional<String> interpreterOf(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        List<String> interpreters = dot < 0 ? null : BY_EXTENSION.get(name.substring(dot + 1));
        if (interpreters == null) {
            // PM2: a file that cannot be run itself is given to node.
            return Files.isExecutable(file) ? Optional.empty() : Optional.of("node");
        }
        return interpreters.stream()
                .filter(interpreter -> program(interpreter).isPresent())
                .findFirst()
                .or(() -> Optional.of(interpreters.getFirst()));
    }

    private static String entryOf(Path folder) {
        return Stream.concat(
                        packageMain(folder).stream(), USUAL_ENTRIES.stream().map(folder::resolve))
                .filter(Files::isRegularFile)
                .findFirst()
                .map(entry -> "; did you mean " + entry + "?")
                .orElse("");
    }

    /// npm: the `main` of `package.json`.
    private static Optional<Path> packageMain(Path folder) {
        Path description = folder.resolve("package.json");
        try {
            return Files.isRegularFile(description)
                            && NodeReader.json(Files.readString(description), "") instanceof Node.Obj object
                            && object.fields().get("main") instanceof Node.Text(Node.Position _, String main)
                    ? path(folder, main)
                    : Optional.empty();
        } catch (IOException | InvalidConfig e) {
            return Optional.empty();
        }
    }

    private static Optional<Path> executable(Path folder, String name) {
        return path(folder, name).filter(Files::isRegularFile).filter(Files::isExecutable);
    }
}
