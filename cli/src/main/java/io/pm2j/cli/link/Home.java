package io.pm2j.cli.link;

import io.pm2j.cli.typed.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// The folder that the daemon lives in: `PM2J_HOME`, or `~/.pm2j`.
public record Home(Path root) {
    /// The longest path that a Unix socket may have on Linux is 107 bytes; its name is bound with `.new` behind.
    private static final int LONGEST_SOCKET_PATH = 103;

    /// Where this user's daemon lives.
    public static Home here() {
        String wanted = System.getenv("PM2J_HOME");
        return new Home((wanted == null || wanted.isEmpty()
                        ? Path.of(System.getProperty("user.home"), ".pm2j")
                        : Path.of(wanted))
                .toAbsolutePath()
                .normalize());
    }

    /// The daemon's control socket.
    public Path socket() {
        return root.resolve("pm2j.sock");
    }

    Path log() {
        return root.resolve("pm2.log");
    }

    /// Makes the folder, for its owner only.
    void create() throws Failure {
        if (socket().toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET_PATH) {
            throw new Failure("the home " + root + " is too long for a socket in it (expected: at most "
                    + (LONGEST_SOCKET_PATH - "/pm2j.sock".length()) + " bytes); set PM2J_HOME to a shorter one");
        }
        try {
            Files.createDirectories(root);
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new Failure("cannot make the home " + root + ": " + e);
        }
    }
}
