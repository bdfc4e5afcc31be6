package io.pm2j.supervisor.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.CRC32;

/// The script that Node loads before the app in cluster mode, so that `req.socket.remoteAddress` is the client's
/// address, as under PM2. Traffic flows without it too.
public final class Preload {
    /// Where root may put what every user may read; empty again after a boot.
    private static final Path FOR_OTHERS = Path.of("/run/pm2j");

    private Preload() {}

    /// The script of `installed` at a place that other users can get to, who cannot enter the home.
    ///
    /// @throws IOException when there is no such place
    public static Path forOthers(Path installed) throws IOException {
        byte[] script = Files.readAllBytes(installed);
        CRC32 sum = new CRC32();
        sum.update(script);
        // Daemons of several versions may share the folder.
        Path target = FOR_OTHERS.resolve("preload-" + Long.toHexString(sum.getValue()) + ".cjs");
        if (!Files.exists(target)) {
            Files.createDirectories(FOR_OTHERS);
            Files.setPosixFilePermissions(FOR_OTHERS, PosixFilePermissions.fromString("rwxr-xr-x"));
            Path fresh = Files.createTempFile(FOR_OTHERS, "preload", ".tmp");
            Files.write(fresh, script);
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        return target;
    }

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
