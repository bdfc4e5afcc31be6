package io.pm2j.cli.link;

import io.pm2j.cli.typed.CalledAs;
import io.pm2j.cli.typed.Failure;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// The folder that the daemon lives in: `PM2J_HOME`, or `~/.pm2j`; called as PM2, `PM2_HOME`, or `~/.pm2`.
public record Home(Path root) {
    /// The longest path that a Unix socket may have on Linux is 107 bytes; its name is bound with `.new` behind.
    private static final int LONGEST_SOCKET_PATH = 103;

    /// Where this user's daemon lives, for `command`.
    public static Home here(String command) {
        return new Home(CalledAs.now()
                .home(command, System.getenv(), System.getProperty("user.home"))
                .toAbsolutePath()
                .normalize());
    }

    /// The daemon's control socket.
    public Path socket() {
        return root.resolve("pm2j.sock");
    }

    /// What a daemon hands over to the program that it becomes; there for as long as that takes.
    Path handover() {
        return root.resolve("handover.json");
    }

    /// There while the daemon is one that a service manager starts again when it dies.
    Path service() {
        return root.resolve("service");
    }

    Path log() {
        return root.resolve("pm2.log");
    }

    /// Makes the folder, for its owner only.
    void create() throws Failure {
        if (socket().toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET_PATH) {
            throw new Failure("the home " + root + " is too long for a socket in it (expected: at most "
                    + (LONGEST_SOCKET_PATH - "/pm2j.sock".length()) + " bytes); set "
                    + CalledAs.now().homeVariable() + " to a shorter one");
        }
        if (answers(root.resolve("rpc.sock"))) {
            throw new Failure(
                    "a PM2 daemon runs with the home " + root + " (expected: none; `pm2 kill` ends it, or set "
                            + CalledAs.now().homeVariable() + ")");
        }
        try {
            Files.createDirectories(root);
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new Failure("cannot make the home " + root + ": " + e);
        }
    }

    /// Whether a daemon of PM2 itself is there: it would fight with ours over the pid file.
    private static boolean answers(Path socket) {
        if (!Files.exists(socket)) {
            return false;
        }
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            return false;
        }
    }
}
