package io.pm2j.supervisor.durable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/// A file that is replaced whole: written beside, synced, renamed. The version before stays as `.bak`, so that there is
/// always a good one. Mode 0600: it holds environments. Confined to one thread at a time.
public final class StateFile {
    private static final Set<StandardOpenOption> FRESH =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);

    private final Path path;

    public StateFile(Path path) {
        this.path = path;
    }

    /// Makes a value of the text; fails on what is no such value.
    @FunctionalInterface
    public interface Reader<T> {
        T read(String text) throws IOException;
    }

    /// What was read. `problem` is empty, or says what was wrong with the newest version and what is used instead.
    public record Read<T>(Optional<T> value, String problem) {}

    public Path path() {
        return path;
    }

    public Path backup() {
        return path.resolveSibling(path.getFileName() + ".bak");
    }

    /// Replaces the text; returns when it is on disk.
    public void write(String text) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                fresh, FRESH, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        if (Files.exists(path)) {
            // A link, so that there is no moment without the newest version.
            Files.deleteIfExists(backup());
            Files.createLink(backup(), path);
        }
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
            entries.force(true);
        }
    }

    /// Reads the newest version that `reader` takes; nothing when there is none.
    public <T> Read<T> read(Reader<T> reader) {
        StringBuilder problems = new StringBuilder();
        for (Path version : new Path[] {path, backup()}) {
            try {
                T value = reader.read(Files.readString(version));
                if (!problems.isEmpty()) {
                    problems.append("; ").append(version).append(" is used instead");
                }
                return new Read<>(Optional.of(value), problems.toString());
            } catch (NoSuchFileException e) {
                // never written, or renamed just when the power went
            } catch (IOException | RuntimeException e) {
                problems.append(problems.isEmpty() ? "" : "; ")
                        .append(version)
                        .append(" is damaged: ")
                        .append(e.getMessage());
            }
        }
        return new Read<>(Optional.empty(), problems.toString());
    }

    /// Forgets every version.
    public void delete() throws IOException {
        // In this order: a crash in between must not bring the former version back.
        Files.deleteIfExists(backup());
        Files.deleteIfExists(path);
    }
}
