package io.pm2j.supervisor.app;

import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.config.spec.Program;
import io.pm2j.supervisor.process.ProgramPath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The command that runs a spec's script. Programs are looked up anew at each start: what a version manager or an
/// update moved is found where it is now.
final class CommandLine {
    private CommandLine() {}

    /// @throws IOException when the interpreter is not to be found
    static List<String> of(AppSpec spec, Path preload) throws IOException {
        List<String> command = new ArrayList<>();
        switch (spec.program().interpreter()) {
            case Program.NONE -> {
                command.add(program(spec, spec.program().script()));
                command.addAll(spec.program().args());
            }
            case Program.SHELL -> {
                command.add(shell(spec));
                command.addAll(List.of("-c", spec.program().script()));
            }
            default -> {
                command.add(program(spec, spec.program().interpreter()));
                command.addAll(spec.program().interpreterArgs());
                if (spec.program().node() && spec.execMode() == ExecMode.CLUSTER) {
                    command.addAll(List.of("--require", preload.toString()));
                }
                command.add(spec.program().script());
                command.addAll(spec.program().args());
            }
        }
        return command;
    }

    private static String shell(AppSpec spec) throws IOException {
        for (String shell : List.of("bash", "sh")) {
            var found = ProgramPath.find(shell, path(spec), spec.cwd());
            if (found.isPresent()) {
                return found.get().toString();
            }
        }
        throw new IOException("neither bash nor sh is in the PATH of " + spec.name());
    }

    private static String program(AppSpec spec, String program) throws IOException {
        return ProgramPath.find(program, path(spec), spec.cwd())
                .map(Path::toString)
                .orElseThrow(() -> new IOException(
                        program + " is not to be found, or is not executable (PATH=" + path(spec) + ")"));
    }

    static String path(AppSpec spec) {
        return spec.environment().merged().getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
    }
}
