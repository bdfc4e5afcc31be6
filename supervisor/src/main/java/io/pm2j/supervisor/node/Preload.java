package io.pm2j.supervisor.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// The script that Node loads before the app in cluster mode, so that `req.socket.remoteAddress` is the client's
/// address, as under PM2. Traffic flows without it too.
public final class Preload {
    private Preload() {}

    /// Writes the script into `folder`, replacing what an older version left there.
    ///
    /// @return its path, for `node --require`
    public static Path install(Path folder) {
        Path target = folder.resolve("preload.cjs");
        try (InputStream script = Preload.class.getResourceAsStream("preload.cjs")) {
            if (script == null) {
                throw new IllegalStateException("preload.cjs is missing from the supervisor's jar");
            }
            Path fresh = Files.createTempFile(folder, "preload", ".cjs");
            Files.copy(script, fresh, StandardCopyOption.REPLACE_EXISTING);
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + target, e);
        }
    }
}
