package io.pm2j.supervisor.log;

import io.pm2j.config.spec.LogRotation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A log at a path: takes whole lines at its end and is put aside for a new file between two of
/// them, when it is full or a new day has come. Thread-safe; each call writes its lines together.
///
/// A disk that takes nothing loses lines, counted, and nothing else; the first loss and the
/// recovery are told once. A file that cannot be put aside grows on, and is tried again after a
/// minute.
final class LogFile {
    private static final Logger LOG = LoggerFactory.getLogger(LogFile.class);
    private static final long ROTATE_AGAIN_MILLIS = 60_000;

    private final Path path;
    private final AsideFiles aside;
    private final Clock clock;
    private final LogTidy tidy;
    private final LongAdder lostOfAll;

    // Guarded by this.
    private LogRotation rotation;
    private @Nullable OpenFile open;
    private long dayEndsMillis;
    private long rotateFromMillis = Long.MIN_VALUE;
    private long lost;
    private long lostBefore;
    private boolean failing;
    private boolean closed;

    /// Creates the file at once, as PM2 does: whoever follows it from outside finds it.
    LogFile(Path path, LogRotation rotation, Clock clock, LogTidy tidy, LongAdder lostOfAll) {
        this.path = path;
        this.aside = new AsideFiles(path);
        this.rotation = rotation;
        this.clock = clock;
        this.tidy = tidy;
        this.lostOfAll = lostOfAll;
        long _ = append(ByteBuffer.allocate(0));
    }

    Path path() {
        return path;
    }

    /// How many lines could not be written.
    synchronized long lost() {
        return lost;
    }

    synchronized void rotation(LogRotation wanted) {
        rotation = wanted;
    }

    /// Appends the whole lines between the position and the limit of `lines`, which are left as
    /// they are.
    ///
    /// @return how many of them are lost
    synchronized long append(ByteBuffer lines) {
        ByteBuffer rest = lines.duplicate();
        // An interrupted thread would find the file closed under it.
        boolean interrupted = Thread.interrupted();
        try {
            if (closed) {
                throw new IOException("closed");
            }
            write(rest);
            recovered();
            return 0;
        } catch (IOException e) {
            return lose(rest, e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void write(ByteBuffer rest) throws IOException {
        OpenFile file = opened();
        if (rotation.daily() && rest.hasRemaining() && clock.millis() >= dayEndsMillis) {
            file = dayOver(file);
        }
        while (rest.hasRemaining()) {
            int fits = fitting(rest, file);
            if (fits == 0) {
                boolean cut = file.wasCut() && fitting(rest, file) > 0;
                file = cut ? file : rotated(file);
                fits = fitting(rest, file);
            }
            // A file that is full though it should be new takes what there is: nothing may be lost for it.
            if (fits == 0) {
                fits = rest.remaining();
            }
            appendTo(file, rest, fits);
        }
    }

    /// An empty file takes a line of any length.
    private int fitting(ByteBuffer rest, OpenFile file) {
        if (rotation.maxBytes() == 0 || !file.regular()) {
            return rest.remaining();
        }
        int fits = Lines.fitting(rest, rotation.maxBytes() - file.size());
        return fits == 0 && file.size() == 0 ? Lines.firstLine(rest) : fits;
    }

    private static void appendTo(OpenFile file, ByteBuffer rest, int length) throws IOException {
        ByteBuffer part = rest.duplicate().limit(rest.position() + length);
        try {
            file.append(part);
        } finally {
            rest.position(part.position());
        }
    }

    private OpenFile opened() throws IOException {
        OpenFile known = open;
        if (known != null && known.isOpen()) {
            return known;
        }
        OpenFile file = OpenFile.at(path);
        open = file;
        dayEndsMillis = dayEnd(file.size() > 0 ? file.modifiedMillis() : clock.millis());
        if (rotation.maxBytes() > 0 && file.size() > rotation.maxBytes()) {
            return rotated(file);
        }
        tidyLater();
        return file;
    }

    private OpenFile dayOver(OpenFile file) {
        if (file.size() > 0 && file.regular()) {
            return rotated(file);
        }
        dayEndsMillis = dayEnd(clock.millis());
        return file;
    }

    /// The new file; the same one when it cannot be put aside.
    private OpenFile rotated(OpenFile full) {
        long now = clock.millis();
        if (!full.regular() || now < rotateFromMillis) {
            return full;
        }
        try {
            OpenFile fresh = full.isAt(path) ? putAside() : OpenFile.at(path);
            full.close();
            open = fresh;
            dayEndsMillis = dayEnd(now);
            rotateFromMillis = Long.MIN_VALUE;
            tidyLater();
            return fresh;
        } catch (IOException e) {
            rotateFromMillis = now + ROTATE_AGAIN_MILLIS;
            LOG.atWarn()
                    .addKeyValue("file", path)
                    .addKeyValue("cause", e.toString())
                    .log("a log file cannot be rotated, it grows");
            return full;
        }
    }

    private OpenFile putAside() throws IOException {
        Path to = aside.next(clock.instant().atZone(clock.getZone()));
        Files.move(path, to);
        try {
            return OpenFile.at(path);
        } catch (IOException e) {
            Files.move(to, path);
            throw e;
        }
    }

    private void tidyLater() {
        if (rotation.maxBytes() > 0 || rotation.daily()) {
            tidy.tidy(aside, rotation);
        }
    }

    private long dayEnd(long millis) {
        return LocalDate.ofInstant(Instant.ofEpochMilli(millis), clock.getZone())
                .plusDays(1)
                .atStartOfDay(clock.getZone())
                .toInstant()
                .toEpochMilli();
    }

    private long lose(ByteBuffer rest, IOException cause) {
        long lines = Lines.count(rest);
        lost += lines;
        lostOfAll.add(lines);
        if (!failing && !closed) {
            failing = true;
            LOG.atWarn()
                    .addKeyValue("file", path)
                    .addKeyValue("cause", cause.toString())
                    .log("log lines are lost: the file takes none");
        }
        return lines;
    }

    private void recovered() {
        if (failing) {
            failing = false;
            LOG.atInfo()
                    .addKeyValue("file", path)
                    .addKeyValue("lost", lost - lostBefore)
                    .log("the log file takes lines again");
            lostBefore = lost;
        }
    }

    /// Cuts the file to nothing. PM2: `flush`.
    synchronized void flush() throws IOException {
        OpenFile file = open;
        if (file != null && file.isOpen()) {
            file.empty();
        } else {
            flush(path);
        }
    }

    /// Cuts a file that nobody has open to nothing; one that is not there stays away.
    static void flush(Path path) throws IOException {
        if (Files.isRegularFile(path)) {
            FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)
                    .close();
        }
    }

    /// Closes the file; the next line opens the one that is then at the path. PM2: `reloadLogs`.
    synchronized void reopen() {
        OpenFile file = open;
        if (file != null) {
            file.close();
            open = null;
        }
    }

    /// Closes for good: what comes later is lost.
    synchronized void close() {
        reopen();
        closed = true;
    }
}
