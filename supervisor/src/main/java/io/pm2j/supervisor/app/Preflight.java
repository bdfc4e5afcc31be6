package io.pm2j.supervisor.app;

import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What can be known before anything is touched: whether a worker of a spec can be started at all. Looks at files.
final class Preflight {
    /// A worker's two pipes, its channel, its notify socket and the ends that are closed once it runs.
    private static final int DESCRIPTORS_EACH = 10;
    /// For connections that come meanwhile.
    private static final int DESCRIPTORS_SPARE = 64;

    private Preflight() {}

    /// Why `workers` new workers of `spec` cannot be started, in sentences.
    static List<String> objections(AppSpec spec, int workers) {
        List<String> objections = new ArrayList<>();
        if (!Files.isDirectory(spec.cwd())) {
            objections.add("cwd " + spec.cwd() + " is no directory");
            return objections;
        }
        try {
            List<String> _ = CommandLine.of(spec, spec.cwd());
        } catch (IOException e) {
            objections.add(String.valueOf(e.getMessage()));
        }
        Path script = spec.cwd().resolve(spec.program().script());
        boolean ofFile = !spec.program().interpreter().equals(Program.SHELL)
                && !spec.program().interpreter().equals(Program.NONE);
        if (ofFile && !Files.exists(script)) {
            objections.add("script " + script + " does not exist");
        }
        long free = freeDescriptors();
        if (free < (long) workers * DESCRIPTORS_EACH + DESCRIPTORS_SPARE) {
            objections.add("the daemon has " + free + " file descriptors left, too few for " + workers
                    + " more workers (ulimit -n)");
        }
        return objections;
    }

    private static long freeDescriptors() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            String limit = Files.readAllLines(Path.of("/proc/self/limits")).stream()
                    .filter(line -> line.startsWith("Max open files"))
                    .map(line -> line.split("\\s+")[3])
                    .findFirst()
                    .orElse("unlimited");
            return limit.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(limit) - open.count();
        } catch (IOException e) {
            return Long.MAX_VALUE; // nothing is known against it
        }
    }
}
