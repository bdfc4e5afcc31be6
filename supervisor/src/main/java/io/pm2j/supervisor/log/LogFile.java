package io.pm2j.supervisor.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A file that takes what an app prints, byte for byte, at its end. Created with mode 0600, its folders too
/// when missing. A disk that takes nothing loses log lines and nothing else; the first loss is reported.
///
/// PM2: `/dev/null` and `NULL` as path switch the file off.
public final class LogFile {
    private static final Logger LOG = LoggerFactory.getLogger(LogFile.class);

    private final Path path;
    private @Nullable FileChannel channel;
    private boolean failing;

    /// Creates the file at once, as PM2 does: whoever follows it from outside finds it.
    public LogFile(Path path) {
        this.path = path;
        append(new byte[0]);
    }

    public Path path() {
        return path;
    }

    /// Whether what is written is thrown away by wish.
    public static boolean discards(Path path) {
        return path.toString().equals("/dev/null") || path.endsWith("NULL");
    }

    /// Appends `bytes`.
    public synchronized void append(byte[] bytes) {
        if (discards(path)) {
            return;
        }
        try {
            FileChannel open = open();
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                open.write(buffer);
            }
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                failing = true;
                LOG.atWarn().addKeyValue("cause", e.toString()).log("log lines are lost: cannot write {}", path);
            }
        }
    }

    public synchronized void close() {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.debug("closing {}", path, e);
            }
            channel = null;
        }
    }

    private FileChannel open() throws IOException {
        if (channel == null) {
            Path folder = path.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            channel = FileChannel.open(
                    path,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        return channel;
    }
}
