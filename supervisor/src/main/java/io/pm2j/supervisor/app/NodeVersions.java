package io.pm2j.supervisor.app;

import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.process.ProgramPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Which version the Node of an app is, without the `v`. PM2: `node_version`.
///
/// Each program is asked once, and again when its file has changed. An app of another user is not asked about: its
/// Node might be that user's own program, which is not to be run with the daemon's rights. May wait for the answer:
/// not for event loops.
public final class NodeVersions {
    private static final String UNKNOWN = "";
    private static final long PATIENCE_MILLIS = 20_000;
    private static final int LONGEST = 64;

    private final Map<Asked, String> known = new ConcurrentHashMap<>();

    private record Asked(Path program, FileTime changed) {}

    /// The version; nothing for what Node does not run, and where it cannot be told.
    public String of(AppSpec spec) {
        if (!spec.program().node() || spec.process().user().isPresent()) {
            return UNKNOWN;
        }
        try {
            var found = ProgramPath.find(spec.program().interpreter(), CommandLine.path(spec), spec.cwd());
            if (found.isEmpty()) {
                return UNKNOWN;
            }
            Path program = found.get().toRealPath();
            var asked = new Asked(program, Files.getLastModifiedTime(program));
            String former = known.get(asked);
            String version = former == null ? ask(program) : former;
            known.put(asked, version);
            return version;
        } catch (IOException e) {
            return UNKNOWN; // gone meanwhile
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return UNKNOWN;
        }
    }

    private static String ask(Path program) throws IOException, InterruptedException {
        Process node = new ProcessBuilder(program.toString(), "--version")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var out = node.getInputStream()) {
            node.getOutputStream().close();
            if (!node.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS) || node.exitValue() != 0) {
                return UNKNOWN;
            }
            String said = new String(out.readNBytes(LONGEST), StandardCharsets.UTF_8).strip();
            return said.matches("v\\d+\\.\\d+\\.\\d+\\S*") ? said.substring(1) : UNKNOWN;
        } finally {
            node.destroyForcibly();
        }
    }
}
