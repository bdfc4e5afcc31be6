package io.pm2j.supervisor.log;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A file, open at its end: what is written stays whole lines though the disk takes a part.
/// Created with mode 0600, its folders too when missing. Not thread-safe.
final class OpenFile implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(OpenFile.class);
    private static final int S_IFMT = 0170000;
    private static final int S_IFIFO = 0010000;

    private final FileChannel channel;
    private final BasicFileAttributes opened;
    private long size;

    OpenFile(FileChannel channel, BasicFileAttributes opened) {
        this.channel = channel;
        this.opened = opened;
        this.size = opened.isRegularFile() ? opened.size() : 0;
    }

    static OpenFile at(Path path) throws IOException {
        refuseNamedPipe(path);
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            Files.createDirectories(folder);
        }
        FileChannel channel = FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            return new OpenFile(channel, Files.readAttributes(path, BasicFileAttributes.class));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /// Opening a pipe that nobody reads would stop the logs of all apps. What stands in /dev and
    /// /proc (as /dev/stdout in a container) is open already.
    private static void refuseNamedPipe(Path path) throws IOException {
        if (path.startsWith("/dev") || path.startsWith("/proc") || !Files.exists(path)) {
            return;
        }
        if (((int) Files.getAttribute(path, "unix:mode") & S_IFMT) == S_IFIFO) {
            throw new IOException(path + " is a named pipe");
        }
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    /// Whether it can be put aside and cut: a device cannot.
    boolean regular() {
        return opened.isRegularFile();
    }

    /// How large it is, as far as this writer knows.
    long size() {
        return size;
    }

    long modifiedMillis() {
        return opened.lastModifiedTime().toMillis();
    }

    /// Whether `path` still names this file: somebody else may have renamed it.
    boolean isAt(Path path) throws IOException {
        try {
            BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return Objects.equals(now.fileKey(), opened.fileKey());
        } catch (NoSuchFileException e) {
            LOG.debug("{} is gone", path, e);
            return false;
        }
    }

    /// Looks how large the file is; whether somebody has cut it meanwhile.
    boolean wasCut() throws IOException {
        long known = size;
        size = channel.size();
        return size < known;
    }

    /// Appends whole lines. When the disk refuses, `lines` stands at the first line that is not
    /// written.
    void append(ByteBuffer lines) throws IOException {
        int start = lines.position();
        try {
            while (lines.hasRemaining()) {
                int _ = channel.write(lines);
            }
            size += lines.position() - start;
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            takeBackPart(lines, start);
            throw e;
        }
    }

    private void takeBackPart(ByteBuffer lines, int start) {
        int written = lines.position();
        int whole = Math.max(start, Lines.last(lines, start, written) + 1);
        lines.position(whole);
        size += whole - start;
        if (written > whole) {
            try {
                channel.truncate(channel.size() - (written - whole));
            } catch (IOException e) {
                LOG.debug("a part of a line stays", e);
            }
        }
    }

    void empty() throws IOException {
        if (regular()) {
            channel.truncate(0);
        }
        size = 0;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("closing a log file", e);
        }
    }
}
