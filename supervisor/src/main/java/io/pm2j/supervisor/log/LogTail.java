package io.pm2j.supervisor.log;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The last lines of a log, read from its end: a file of gigabytes costs no more than a small one.
///
/// A log that has begun a new file a moment ago is read on into the newest ones that it has put
/// aside. An empty file was flushed: it has no lines, whatever came before.
public final class LogTail {
    private static final Logger LOG = LoggerFactory.getLogger(LogTail.class);
    private static final int BLOCK_BYTES = 64 * 1024;
    private static final int MOST_BYTES = 16 * 1024 * 1024;
    private static final int MOST_ASIDE = 3;

    private LogTail() {}

    /// Lines of one file; `whole` when the file has no more, `fileKey` tells it from others.
    private record Part(List<String> lines, boolean whole, Optional<Object> fileKey) {
        private static final Part NOTHING = new Part(List.of(), true, Optional.empty());

        private boolean flushed() {
            return lines.isEmpty() && fileKey.isPresent();
        }
    }

    /// Up to `count` lines, oldest first; none when there is no such log.
    public static List<String> last(Path file, int count) throws IOException {
        if (count <= 0 || Files.exists(file) && !Files.isRegularFile(file)) {
            return List.of();
        }
        Part newest = ofFile(file, count).orElse(Part.NOTHING);
        if (newest.flushed() || !newest.whole || newest.lines.size() >= count) {
            return newest.lines;
        }
        return withOlder(newest, new AsideFiles(file), count);
    }

    private static List<String> withOlder(Part newest, AsideFiles aside, int count) throws IOException {
        List<String> lines = newest.lines;
        for (Aside older : aside.newestFirst().stream().limit(MOST_ASIDE).toList()) {
            int missing = count - lines.size();
            Part part = missing > 0 ? ofAside(older, missing).orElse(Part.NOTHING) : Part.NOTHING;
            // What was read first may have been put aside since.
            if (part.fileKey.isEmpty() || !part.fileKey.equals(newest.fileKey)) {
                List<String> longer = new ArrayList<>(part.lines);
                longer.addAll(lines);
                lines = longer;
            }
        }
        return List.copyOf(lines);
    }

    private static Optional<Part> ofAside(Aside aside, int count) throws IOException {
        if (aside.compressed()) {
            return ofCompressed(aside.path(), count);
        }
        Optional<Part> plain = ofFile(aside.path(), count);
        return plain.isPresent() ? plain : ofCompressed(Path.of(aside.path() + AsideFiles.COMPRESSED), count);
    }

    private static Optional<Part> ofFile(Path file, int count) throws IOException {
        try {
            while (true) {
                Object before = key(file);
                try (FileChannel channel = FileChannel.open(file)) {
                    if (Objects.equals(before, key(file))) {
                        return Optional.of(ofChannel(channel, Optional.ofNullable(before), count));
                    }
                }
            }
        } catch (NoSuchFileException e) {
            LOG.debug("{} is not there", file, e);
            return Optional.empty();
        }
    }

    private static Object key(Path file) throws IOException {
        Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        return key == null ? file : key;
    }

    private static Part ofChannel(FileChannel channel, Optional<Object> key, int count) throws IOException {
        long end = channel.size();
        long start = end;
        byte[] tail = new byte[0];
        while (start > 0 && end - start < MOST_BYTES && breaks(tail) <= count) {
            int size = (int) Math.min(BLOCK_BYTES, start);
            start -= size;
            byte[] longer = new byte[size + tail.length];
            ByteBuffer block = ByteBuffer.wrap(longer, 0, size);
            int read = 0;
            while (block.hasRemaining() && read >= 0) {
                read = channel.read(block, start + block.position());
            }
            System.arraycopy(tail, 0, longer, size, tail.length);
            tail = longer;
        }
        List<String> lines = new String(tail, StandardCharsets.UTF_8).lines().toList();
        return new Part(lines.subList(Math.max(0, lines.size() - count), lines.size()), start == 0, key);
    }

    private static long breaks(byte[] bytes) {
        return Lines.count(ByteBuffer.wrap(bytes));
    }

    private static Optional<Part> ofCompressed(Path file, int count) throws IOException {
        Deque<String> lines = new ArrayDeque<>();
        try (var bytes = new GZIPInputStream(Files.newInputStream(file), BLOCK_BYTES);
                var reader = new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.addLast(line);
                if (lines.size() > count) {
                    lines.removeFirst();
                }
            }
            return Optional.of(new Part(List.copyOf(lines), true, Optional.empty()));
        } catch (NoSuchFileException e) {
            LOG.debug("{} went meanwhile", file, e);
            return Optional.empty();
        }
    }
}
