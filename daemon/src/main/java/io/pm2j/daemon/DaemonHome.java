package io.pm2j.daemon;

import io.pm2j.supervisor.process.Posix;
import io.pm2j.supervisor.process.Succession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// The daemon's folder (mode 0700), held by a lock for as long as the daemon lives: there is only one.
///
/// The lock is the kernel's, so a daemon that was killed leaves none behind. PM2: `pm2.pid` holds the pid.
public final class DaemonHome implements AutoCloseable {
    private static final Set<StandardOpenOption> CREATE_OR_OPEN =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);

    private final Path root;
    private final Lock lock;

    private DaemonHome(Path root, Lock lock) {
        this.root = root;
        this.lock = lock;
    }

    /// Is held until it is closed.
    private interface Lock {
        void close() throws IOException;
    }

    /// Creates the folder where missing, takes the lock and writes the pid file.
    ///
    /// @throws IOException when another daemon holds the folder, or it cannot be written
    static DaemonHome take(Path root) throws IOException {
        Files.createDirectories(root);
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        DaemonHome home = locked(root);
        Files.deleteIfExists(home.socket());
        return home;
    }

    /// Takes the lock again after another program of this process had it, by the descriptor
    /// `lock`, which stays open: a lock belongs to the process, and closing any descriptor of its
    /// file gives it up. The socket stays: commands wait there.
    static DaemonHome takeOver(Path root, int lock) throws IOException {
        if (lock < 0) {
            return locked(root);
        }
        try {
            Succession.lock(lock);
        } catch (IOException e) {
            throw new IOException("another pm2j daemon runs with the home " + root, e);
        }
        DaemonHome home = new DaemonHome(root, () -> Posix.close(lock));
        home.writePid();
        return home;
    }

    private static DaemonHome locked(Path root) throws IOException {
        FileChannel channel = FileChannel.open(root.resolve("pm2j.lock"), CREATE_OR_OPEN, ownerOnly());
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // held in this very process
        }
        if (lock == null) {
            channel.close();
            throw new IOException("another pm2j daemon runs with the home " + root);
        }
        DaemonHome home = new DaemonHome(root, channel::close);
        home.writePid();
        return home;
    }

    /// Where the daemon keeps its things.
    public Path root() {
        return root;
    }

    /// The control socket.
    public Path socket() {
        return root.resolve("pm2j.sock");
    }

    /// What the daemon says; its starter redirects it there. PM2: pm2.log.
    Path log() {
        return root.resolve("pm2.log");
    }

    Path pidFile() {
        return root.resolve("pm2.pid");
    }

    /// Leaves word whether a service manager starts the daemon again when it dies: command lines
    /// wait for that one then.
    void startsAgain(boolean byItself) throws IOException {
        if (byItself) {
            Files.write(root.resolve("service"), new byte[0]);
        } else {
            Files.deleteIfExists(root.resolve("service"));
        }
    }

    /// Removes what says that a daemon is here, and lets the lock go.
    @Override
    public void close() throws IOException {
        startsAgain(false);
        Files.deleteIfExists(socket());
        Files.deleteIfExists(pidFile());
        lock.close();
    }

    private void writePid() throws IOException {
        Path fresh = root.resolve("pm2.pid.new");
        Files.deleteIfExists(fresh);
        try (FileChannel channel = FileChannel.open(fresh, CREATE_OR_OPEN, ownerOnly())) {
            channel.write(ByteBuffer.wrap(
                    String.valueOf(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
        }
        Files.move(fresh, pidFile(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static java.nio.file.attribute.FileAttribute<?> ownerOnly() {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    }
}
