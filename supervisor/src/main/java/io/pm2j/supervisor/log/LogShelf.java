package io.pm2j.supervisor.log;

import io.pm2j.config.spec.LogRotation;
import io.pm2j.config.spec.LogSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// All log files that are written to, by path: two writers of one path share one file, and a file
/// that nobody uses any more is closed. Thread-safe.
public final class LogShelf implements AutoCloseable {
    private final Clock clock;
    private final LogTidy tidy = new LogTidy();
    private final LongAdder lostLines = new LongAdder();
    private final Map<Path, Place> places = new HashMap<>();

    /// A shelf that knows the days of this machine's time zone.
    public LogShelf() {
        this(Clock.systemDefaultZone());
    }

    LogShelf(Clock clock) {
        this.clock = clock;
    }

    Clock clock() {
        return clock;
    }

    /// Whether a path means that nothing is to be written. PM2: `/dev/null` and `NULL`.
    public static boolean discards(Path path) {
        return path.equals(LogSpec.NOWHERE) || path.endsWith("NULL");
    }

    /// The file at `path`, created when it is not there; to be released once for each call. The
    /// latest `rotation` counts. A file that cannot be opened loses lines until it can.
    synchronized LogFile open(Path path, LogRotation rotation) {
        Path real = real(path);
        Place place = places.computeIfAbsent(real, to -> new Place(new LogFile(to, rotation, clock, tidy, lostLines)));
        place.file.rotation(rotation);
        place.users++;
        return place.file;
    }

    /// From now on the file at `path`, when it is open, rotates so.
    public synchronized void rotate(Path path, LogRotation rotation) {
        Place place = places.get(real(path));
        if (place != null) {
            place.file.rotation(rotation);
        }
    }

    /// The file at `path` for somebody who has whole lines, as [#open].
    public ShelvedLog openForLines(Path path, LogRotation rotation) {
        return new ShelvedLog(this, open(path, rotation));
    }

    /// Gives a file back; the last user's closes it.
    synchronized void release(LogFile file) {
        Place place = places.get(file.path());
        if (place != null && --place.users == 0) {
            places.remove(file.path());
            file.close();
        }
    }

    /// Cuts the files at `paths` to nothing, whether somebody writes to them or not. PM2:
    /// `flush`. Tries all of them whatever happens to one.
    ///
    /// @throws IOException when one or more could not be cut
    public void flush(Collection<Path> paths) throws IOException {
        IOException failed = null;
        for (Path path : paths) {
            try {
                flush(path);
            } catch (IOException e) {
                failed = with(failed, e);
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    private void flush(Path path) throws IOException {
        if (discards(path)) {
            return;
        }
        Path real = real(path);
        Place place;
        synchronized (this) {
            place = places.get(real);
        }
        if (place != null) {
            place.file.flush();
        } else {
            LogFile.flush(real);
        }
    }

    private static IOException with(@Nullable IOException first, IOException more) {
        if (first == null) {
            return more;
        }
        first.addSuppressed(more);
        return first;
    }

    /// Lets each file be opened anew at its next line, after another program has renamed it. PM2:
    /// `reloadLogs`.
    public synchronized void reopenAll() {
        places.values().forEach(place -> place.file.reopen());
    }

    /// How many files are in use.
    public synchronized int inUse() {
        return places.size();
    }

    /// How many lines could not be written since the start, in all files together.
    public long lostLines() {
        return lostLines.sum();
    }

    /// How many lines could not be written to the file at `path` since it is in use.
    public synchronized long lostLines(Path path) {
        Place place = places.get(real(path));
        return place == null ? 0 : place.file.lost();
    }

    @Override
    public synchronized void close() {
        places.values().forEach(place -> place.file.close());
        places.clear();
        tidy.close();
    }

    /// Two names of one file must meet: a link is followed, as far as the path is there.
    private static Path real(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        try {
            if (absolute.startsWith("/dev")) {
                return absolute;
            }
            if (Files.exists(absolute)) {
                return absolute.toRealPath();
            }
            if (Files.isSymbolicLink(absolute)) {
                return absolute.resolveSibling(Files.readSymbolicLink(absolute)).normalize();
            }
            Path folder = absolute.getParent();
            return folder != null && Files.exists(folder)
                    ? folder.toRealPath().resolve(absolute.getFileName())
                    : absolute;
        } catch (IOException e) {
            return absolute;
        }
    }

    private static final class Place {
        private final LogFile file;
        private int users;

        private Place(LogFile file) {
            this.file = file;
        }
    }
}
