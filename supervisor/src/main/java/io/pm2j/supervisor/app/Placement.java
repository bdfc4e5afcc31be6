package io.pm2j.supervisor.app;

import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where a generation really runs, when its folder is reached over a symbolic link (`current -> releases/7`).
///
/// The link is followed once, when the generation begins: a worker that is started again later runs what its siblings
/// run, wherever the link points by then.
final class Placement {
    private Placement() {}

    /// The folder that `spec` means now.
    static Path now(AppSpec spec) {
        try {
            return spec.cwd().toRealPath();
        } catch (IOException e) {
            return spec.cwd(); // whoever starts it will be told
        }
    }

    /// `spec` as it is to be run in `folder`; as it is when that folder is there no more.
    static AppSpec in(Path folder, AppSpec spec) {
        if (folder.equals(spec.cwd()) || !Files.isDirectory(folder)) {
            return spec;
        }
        Program program = spec.program();
        Path script = Path.of(program.script());
        boolean inside = script.isAbsolute() && script.startsWith(spec.cwd());
        Program placed = new Program(
                inside ? folder.resolve(spec.cwd().relativize(script)).toString() : program.script(),
                program.args(),
                program.interpreter(),
                program.interpreterArgs());
        return spec.draft().program(placed, folder).spec();
    }
}
