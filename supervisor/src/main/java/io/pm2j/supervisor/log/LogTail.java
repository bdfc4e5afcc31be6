package io.pm2j.supervisor.log;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The last lines of a log file, read from its end: a file of gigabytes costs no more than a small one.
public final class LogTail {
    private static final int BLOCK_BYTES = 64 * 1024;
    private static final long MOST_BYTES = 16L * 1024 * 1024;

    private LogTail() {}

    /// Up to `count` lines, oldest first; none when there is no such file.
    public static List<String> last(Path file, int count) throws IOException {
        if (count <= 0 || !Files.isRegularFile(file)) {
            return List.of();
        }
        try (RandomAccessFile reader = new RandomAccessFile(file.toFile(), "r")) {
            long end = reader.length();
            long start = end;
            byte[] tail = new byte[0];
            while (start > 0 && end - start < MOST_BYTES && lineBreaks(tail) <= count) {
                int size = (int) Math.min(BLOCK_BYTES, start);
                start -= size;
                byte[] longer = new byte[size + tail.length];
                reader.seek(start);
                reader.readFully(longer, 0, size);
                System.arraycopy(tail, 0, longer, size, tail.length);
                tail = longer;
            }
            List<String> lines =
                    new String(tail, StandardCharsets.UTF_8).lines().toList();
            return lines.subList(Math.max(0, lines.size() - count), lines.size());
        }
    }

    private static int lineBreaks(byte[] bytes) {
        int count = 0;
        for (byte b : bytes) {
            if (b == '\n') {
                count++;
            }
        }
        return count;
    }
}
