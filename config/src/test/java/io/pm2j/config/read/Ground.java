package io.pm2j.config.read;

import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.EcosystemReader.ReadApps;
import io.pm2j.config.spec.AppSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A folder that a made-up caller stands in, with a PATH of its own: four processors, and no program but those added.
final class Ground {
    private static final int PROCESSORS = 4;

    final Path folder;
    final Path programs;

    Ground(Path root) throws IOException {
        Path real = root.toRealPath();
        folder = Files.createDirectories(real.resolve("work"));
        programs = Files.createDirectories(real.resolve("programs"));
    }

    /// With an `app.js`, and a `node` that is found but never run.
    static Ground withNode(Path root) throws IOException {
        Ground ground = new Ground(root);
        ground.file("app.js", "");
        ground.program("node");
        return ground;
    }

    Path file(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        return Files.writeString(file, text);
    }

    Path executable(String name) throws IOException {
        return Files.setPosixFilePermissions(file(name, "#!/bin/sh\n"), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    Path program(String name) throws IOException {
        return Files.setPosixFilePermissions(
                Files.writeString(programs.resolve(name), "#!/bin/sh\n"), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    Caller caller() {
        return caller(Optional.empty());
    }

    Caller caller(Optional<String> envName) {
        return new Caller(folder, Map.of("PATH", programs.toString(), "HOME", "/home/me"), PROCESSORS, envName);
    }

    /// The spec of an app written as a JSON object.
    AppSpec spec(String app) throws InvalidConfig, IOException {
        return read("one.json", "[" + app + "]").apps().getFirst();
    }

    ReadApps read(String name, String text) throws InvalidConfig, IOException {
        file(name, text);
        return read(name);
    }

    ReadApps read(String name) throws InvalidConfig {
        return EcosystemReader.read(Path.of(name), caller(), _ -> true, AppOptions.none("command line", ""));
    }

    /// What is said about an app written as a JSON object.
    List<String> problems(String app) throws IOException {
        return problemsIn("one.json", "[" + app + "]").stream()
                .map(ConfigProblem::sentence)
                .toList();
    }

    List<ConfigProblem> problemsIn(String name, String text) throws IOException {
        file(name, text);
        return problemsIn(name);
    }

    List<ConfigProblem> problemsIn(String name) {
        try {
            throw new AssertionError("no problem was found: " + read(name));
        } catch (InvalidConfig e) {
            return e.problems();
        }
    }
}
