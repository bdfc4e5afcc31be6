package io.pm2j.supervisor.log;

import io.pm2j.config.spec.LogRotation;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Prunes and compresses, behind the writers' backs, what logs have put aside: one platform
/// thread, which ends when there is nothing to do. One file at a time and then the next log, so
/// that a log that floods the disk does not keep those of others from being tidied, and is itself
/// pruned between two of its files.
final class LogTidy implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogTidy.class);

    private final Set<Path> waiting = ConcurrentHashMap.newKeySet();
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1,
            1,
            5,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name("pm2j-log-tidy").daemon().factory(),
            new ThreadPoolExecutor.DiscardPolicy());

    LogTidy() {
        thread.allowCoreThreadTimeOut(true);
    }

    /// Tidies soon. Never blocks.
    void tidy(AsideFiles files, LogRotation rotation) {
        if (waiting.add(files.log())) {
            thread.execute(() -> step(files, rotation));
        }
    }

    private void step(AsideFiles files, LogRotation rotation) {
        waiting.remove(files.log());
        try {
            if (once(files, rotation)) {
                tidy(files, rotation);
            }
        } catch (IOException e) {
            if (!thread.isShutdown()) {
                LOG.atWarn()
                        .addKeyValue("file", files.log())
                        .addKeyValue("cause", e.toString())
                        .log("rotated log files cannot be tidied");
            }
        }
    }

    /// Prunes, and compresses one file; whether another one waits.
    static boolean once(AsideFiles files, LogRotation rotation) throws IOException {
        for (Path leftover : files.leftovers()) {
            Files.deleteIfExists(leftover);
        }
        prune(files, rotation);
        if (!rotation.compress()) {
            return false;
        }
        List<Aside> plain =
                files.newestFirst().stream().filter(file -> !file.compressed()).toList();
        if (plain.isEmpty()) {
            return false;
        }
        compress(plain.getLast());
        prune(files, rotation);
        return plain.size() > 1;
    }

    private static void prune(AsideFiles files, LogRotation rotation) throws IOException {
        for (Aside excess : Aside.excess(files.newestFirst(), rotation.keep(), rotation.totalBytes())) {
            Files.deleteIfExists(excess.path());
        }
    }

    /// The compressed file gets its name when it is whole and on the disk, and only then the
    /// plain one goes.
    private static void compress(Aside file) throws IOException {
        Path unfinished = Path.of(file.path() + AsideFiles.UNFINISHED);
        try {
            FileTime modified = Files.getLastModifiedTime(file.path());
            write(file.path(), unfinished);
            Files.setLastModifiedTime(unfinished, modified);
            Files.move(unfinished, Path.of(file.path() + AsideFiles.COMPRESSED), StandardCopyOption.ATOMIC_MOVE);
            Files.deleteIfExists(file.path());
        } catch (NoSuchFileException e) {
            LOG.debug("{} went meanwhile", file.path(), e);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    private static void write(Path plain, Path compressed) throws IOException {
        try (InputStream from = Files.newInputStream(plain);
                FileChannel channel = FileChannel.open(
                        compressed,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                OutputStream to = new GZIPOutputStream(Channels.newOutputStream(channel), 64 * 1024)) {
            from.transferTo(to);
        }
        try (FileChannel channel = FileChannel.open(compressed, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /// Ends; what was not done is done after the next start.
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            boolean _ = thread.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
