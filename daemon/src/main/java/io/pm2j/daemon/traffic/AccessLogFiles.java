package io.pm2j.daemon.traffic;

import io.pm2j.config.spec.edge.AccessLogSpec;
import io.pm2j.proxy.accesslog.AccessLog;
import io.pm2j.proxy.accesslog.LineSink;
import io.pm2j.supervisor.log.LogShelf;
import io.pm2j.supervisor.log.ShelvedLog;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;

/// The files of the edge's access logs: created, rotated, compressed and opened anew as those of
/// apps are. On a shelf of their own, so that a disk that hangs under an access log holds up no
/// app's. Any thread that may block.
public final class AccessLogFiles implements AutoCloseable {
    private static final Path USUAL = Path.of("access.log");

    private final Path folder;
    private final BiFunction<AccessLogSpec, LineSink, AccessLog> opener;
    private final LogShelf shelf = new LogShelf();
    private final Map<FileSink, AccessLog> logs = new ConcurrentHashMap<>();
    private final LongAdder lostBefore = new LongAdder();

    /// `folder` is where logs are that say no place; `opener` is the proxy's.
    public AccessLogFiles(Path folder, BiFunction<AccessLogSpec, LineSink, AccessLog> opener) {
        this.folder = folder;
        this.opener = opener;
    }

    /// Opens a log at its place. Two logs at one place share the file; the latest rotation
    /// counts. It ends by [AccessLog#retire], or with all others.
    public AccessLog open(AccessLogSpec spec) {
        Path path = folder.resolve(spec.file().orElse(USUAL));
        FileSink sink = new FileSink(shelf.openForLines(path, spec.rotation()));
        AccessLog log = opener.apply(spec, sink);
        logs.put(sink, log);
        return log;
    }

    /// Where logs are written now.
    public List<Path> paths() {
        return logs.keySet().stream()
                .map(sink -> sink.file.path())
                .distinct()
                .sorted()
                .toList();
    }

    /// Lets each file be opened anew at its next line. PM2: `reloadLogs`.
    public void reopen() {
        shelf.reopenAll();
    }

    /// On the event loop of that number: gives what there is to those who write.
    public void flush(int loop) {
        logs.values().forEach(log -> log.on(loop).flush());
    }

    /// Waits until all is written that was flushed; false when a file takes longer than `limit`.
    public boolean awaitWritten(Duration limit) throws InterruptedException {
        for (AccessLog log : logs.values()) {
            if (!log.awaitWritten(limit)) {
                return false;
            }
        }
        return true;
    }

    /// How many lines could not be written since the start.
    public long lost() {
        return lostBefore.sum()
                + logs.values().stream().mapToLong(AccessLog::lost).sum();
    }

    /// Writes what there is and ends every log; a disk that hangs is not waited for.
    @Override
    public void close() {
        List<AccessLog> open = List.copyOf(logs.values());
        open.forEach(AccessLog::close);
        if (logs.isEmpty()) {
            shelf.close();
        }
    }

    private void ended(FileSink sink) {
        AccessLog log = logs.remove(sink);
        if (log != null) {
            lostBefore.add(log.lost());
        }
    }

    private final class FileSink implements LineSink {
        private final ShelvedLog file;

        private FileSink(ShelvedLog file) {
            this.file = file;
        }

        @Override
        public long write(ByteBuffer lines) {
            return file.append(lines);
        }

        @Override
        public void close() {
            file.close();
            ended(this);
        }
    }
}
