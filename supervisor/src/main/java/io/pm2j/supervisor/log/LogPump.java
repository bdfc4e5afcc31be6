package io.pm2j.supervisor.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Moves one stream of one worker from its pipe to its files and to the followers, in whole
/// lines, and remembers the last of them. It ends by itself when the last holder of the pipe
/// closes it.
public final class LogPump {
    private static final Logger LOG = LoggerFactory.getLogger(LogPump.class);

    private final LogIntake intake;
    private final int pipe;
    private final LogSource source;
    private final LineRendering rendering;
    private final List<LogFile> files;
    private final LastLines last;
    private final Clock clock;
    private final LineFramer framer;
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean closed;

    /// What is left of a pump that another goes on from: its pipe, and the bytes after the last
    /// line break.
    public record Left(int pipe, LogRecord.Stream stream, byte[] rest) {}

    LogPump(LogIntake intake, int pipe, LogSource source, LogTargets targets, LastLines last, byte[] rest) {
        this.intake = intake;
        this.framer = new LineFramer(rest);
        this.pipe = pipe;
        this.source = source;
        this.rendering = new LineRendering(
                source, targets.format(), intake.shelf().clock().getZone());
        this.last = last;
        this.clock = intake.shelf().clock();
        this.files = targets.files().stream()
                .map(path -> intake.shelf().open(path, targets.rotation()))
                .toList();
    }

    /// Takes one turn. Called on the poller's thread alone.
    synchronized void ready() {
        if (closed) {
            return;
        }
        try {
            int count = intake.read(pipe, framer);
            if (count == 0) {
                close();
            } else if (count > 0) {
                framer.frame(intake.block(), run -> pass(run, intake.scratch()));
            }
        } catch (IOException | RuntimeException e) {
            // A worker whose output nobody reads would hang in its next write: it is told instead.
            LOG.atError().setCause(e).addKeyValue("app", source.app()).log("output cannot be read any more");
            close();
        }
    }

    private void pass(ByteBuffer run, LineRendering.Scratch scratch) {
        last.add(run);
        Instant now = clock.instant();
        if (!files.isEmpty()) {
            rendering.render(run, now, scratch, lines -> files.forEach(file -> file.append(lines)));
        }
        if (intake.feed().followed(source)) {
            long millis = now.toEpochMilli();
            Lines.each(
                    run,
                    (from, end) -> intake.feed()
                            .publish(new LogRecord(
                                    source.pmId(), source.app(), source.stream(), millis, Lines.text(run, from, end))));
        }
    }

    /// What another pump goes on from, while the poller is paused; nothing once this one has
    /// ended.
    public synchronized Optional<Left> left() {
        return closed ? Optional.empty() : Optional.of(new Left(pipe, source.stream(), framer.rest()));
    }

    /// Ends the pump though somebody still holds the pipe.
    public synchronized void close() {
        if (!closed) {
            closed = true;
            intake.forget(pipe);
            // Not the intake's scratch: this may be any thread.
            try {
                framer.end(run -> pass(run, new LineRendering.Scratch()));
            } finally {
                releaseFiles();
                ended.countDown();
            }
        }
    }

    void releaseFiles() {
        files.forEach(intake.shelf()::release);
    }

    /// Waits until the last holder has closed the pipe and everything was read, or `limit` has
    /// passed.
    public boolean awaitEnd(Duration limit) throws InterruptedException {
        return ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// The last lines that a worker printed, for the one who asks why it failed. Kept as bytes,
    /// no more than [#MOST_BYTES]. Thread-safe.
    public static final class LastLines {
        static final int MOST_BYTES = 32 * 1024;
        private static final int MOST_CHARS = 1_000;
        private static final int FIRST_BYTES = 1024;

        private byte[] kept = {};
        private int length;
        private boolean beginsInside;

        /// Remembers the whole lines of `run`, of which the oldest give way.
        synchronized void add(ByteBuffer run) {
            int over = length + run.remaining() - MOST_BYTES;
            if (over > 0) {
                byte before = over <= length ? kept[over - 1] : run.get(run.position() + over - length - 1);
                beginsInside = before != Lines.BREAK;
                int dropped = Math.min(over, length);
                System.arraycopy(kept, dropped, kept, 0, length - dropped);
                length -= dropped;
            }
            int added = Math.min(run.remaining(), MOST_BYTES - length);
            grow(length + added);
            run.get(run.limit() - added, kept, length, added);
            length += added;
        }

        private void grow(int needed) {
            if (needed > kept.length) {
                int larger = Math.max(FIRST_BYTES, Math.max(needed, 2 * kept.length));
                kept = Arrays.copyOf(kept, Math.min(MOST_BYTES, larger));
            }
        }

        /// Up to `count` lines, oldest first; of a very long one its beginning, or its end when
        /// that alone is left.
        public synchronized List<String> last(int count) {
            List<String> lines =
                    new String(kept, 0, length, StandardCharsets.UTF_8).lines().toList();
            int first = beginsInside && lines.size() > 1 ? 1 : 0;
            return lines.stream()
                    .skip(Math.max(first, lines.size() - count))
                    .map(line -> line.length() > MOST_CHARS ? line.substring(0, MOST_CHARS) : line)
                    .toList();
        }
    }
}
