package io.pm2j.supervisor.log;

import io.pm2j.supervisor.log.LogRecord.Stream;
import io.pm2j.supervisor.process.Poller;
import io.pm2j.supervisor.process.Posix;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Moves one stream of one worker from its pipe to its file and to the followers, and remembers the last
/// lines. It ends by itself when the last holder of the pipe closes it.
public final class LogPump {
    private final Poller poller;
    private final int pipe;
    private final LogFile file;
    private final LogFeed feed;
    private final int pmId;
    private final String app;
    private final Stream stream;
    private final LastLines last;
    private final LineSplitter lines = new LineSplitter(this::line);
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean closed;

    private LogPump(
            Poller poller, int pipe, LogFile file, LogFeed feed, int pmId, String app, Stream stream, LastLines last) {
        this.poller = poller;
        this.pipe = pipe;
        this.file = file;
        this.feed = feed;
        this.pmId = pmId;
        this.app = app;
        this.stream = stream;
        this.last = last;
    }

    /// Starts to pump; owns `pipe` from now on.
    public static LogPump start(
            Poller poller, int pipe, LogFile file, LogFeed feed, int pmId, String app, Stream stream, LastLines last)
            throws IOException {
        LogPump pump = new LogPump(poller, pipe, file, feed, pmId, app, stream, last);
        poller.watch(pipe, _ -> pump.ready());
        return pump;
    }

    private synchronized void ready() throws IOException {
        if (closed) {
            return;
        }
        byte[] bytes = Posix.receive(pipe);
        if (bytes == null) {
            return;
        }
        if (bytes.length == 0) {
            close();
            return;
        }
        file.append(bytes);
        lines.take(bytes);
    }

    private void line(String text) {
        last.add(text);
        if (feed.followed()) {
            feed.publish(new LogRecord(pmId, app, stream, System.currentTimeMillis(), text));
        }
    }

    /// Ends the pump though somebody still holds the pipe.
    public synchronized void close() {
        if (!closed) {
            closed = true;
            poller.forget(pipe);
            Posix.close(pipe);
            lines.end();
            ended.countDown();
        }
    }

    /// Waits until the last holder has closed the pipe and everything was read, or `limit` has passed.
    public boolean awaitEnd(Duration limit) throws InterruptedException {
        return ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// The last lines that a worker printed, for the one who asks why it failed. Thread-safe.
    public static final class LastLines {
        private static final int MOST = 50;
        private final Deque<String> lines = new ArrayDeque<>();

        synchronized void add(String line) {
            if (lines.size() == MOST) {
                lines.removeFirst();
            }
            lines.addLast(line.length() > 1_000 ? line.substring(0, 1_000) : line);
        }

        /// Up to `count` lines, oldest first.
        public synchronized List<String> last(int count) {
            return lines.stream().skip(Math.max(0, lines.size() - count)).toList();
        }
    }
}
