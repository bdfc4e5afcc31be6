package io.pm2j.proxy.admission;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// A file that is read whole, and must not be large.
final class SmallFile {
    private SmallFile() {}

    /// @throws IOException when it is no file, or cannot be read, or has more than `most` bytes
    static byte[] read(Path file, int most) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("is a folder (expected: a file)");
        }
        // A device or a pipe could keep us for ever.
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IOException("is no plain file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new IOException("is too large (expected: at most " + (most >> 10) + " KiB)");
            }
            return bytes;
        }
    }

    static String sentence(IOException e) {
        return switch (e) {
            case NoSuchFileException none -> "does not exist";
            case AccessDeniedException denied -> "may not be read";
            default -> e.getMessage() == null ? "cannot be read" : e.getMessage();
        };
    }
}
