package io.pm2j.supervisor.watch;

import io.pm2j.config.spec.WatchSpec;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches the files of one app and tells of bursts of changes, each once.
///
/// A watched folder is watched with everything below it, and so is what is made in it later. What
/// is watched may be removed and made again, or not exist yet. A watched folder may be a symbolic
/// link; links below it are not followed. A folder *above* a watched path that is renamed takes
/// the watched path with it unseen.
///
/// A change is told when nothing else has changed for `watch_delay`, at least [#SHORTEST_QUIET]:
/// files that never come to rest are never told of.
///
/// Each watch takes one inotify instance (of the user's `fs.inotify.max_user_instances`), one
/// watch a folder (of `fs.inotify.max_user_watches`), a thread of the JDK's that waits for the
/// kernel, and a virtual one.
public final class FileWatch implements AutoCloseable {
    /// Long enough for the steps of an editor's save.
    public static final Duration SHORTEST_QUIET = Duration.ofMillis(100);

    private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);

    private final WatchService service;
    private final WatchedTree tree;
    private final Burst burst;
    private final Consumer<Change> onChange;
    private volatile boolean closed;

    private FileWatch(WatchService service, WatchSpec spec, Consumer<Change> onChange) {
        this.service = service;
        this.onChange = onChange;
        burst = new Burst(Math.max(spec.delay().toNanos(), SHORTEST_QUIET.toNanos()));
        tree = new WatchedTree(
                spec.paths(),
                IgnoreRules.of(spec.ignored()),
                new Folders(service),
                (Path path) -> burst.add(path, System.nanoTime()));
    }

    /// Everything is watched when this returns. `onChange` is called on the watch's own thread,
    /// which sees nothing while it runs: it should pass the news on and return. The paths are
    /// absolute.
    ///
    /// If a limit of the kernel is in the way, the message names its sysctl.
    ///
    /// @throws IOException if a path cannot be watched
    public static FileWatch start(WatchSpec spec, Consumer<Change> onChange) throws IOException {
        WatchService service = open(spec);
        FileWatch watch = new FileWatch(service, spec, onChange);
        try {
            watch.tree.watchAll();
        } catch (IOException | RuntimeException e) {
            service.close();
            throw e;
        }
        Thread.ofVirtual().name("file-watch").start(watch::run);
        return watch;
    }

    private static WatchService open(WatchSpec spec) throws IOException {
        try {
            return FileSystems.getDefault().newWatchService();
        } catch (IOException e) {
            throw InotifyLimit.named(
                    e,
                    spec.paths().isEmpty() ? Path.of("nothing") : spec.paths().getFirst());
        }
    }

    private void run() {
        try {
            while (true) {
                WatchKey key = nextKey();
                if (key != null) {
                    tree.take(key);
                } else {
                    tree.catchUp();
                    tell(burst.end());
                }
            }
        } catch (ClosedWatchServiceException | InterruptedException _) {
            // Closed: nobody wants to know any more.
        } catch (RuntimeException e) {
            LOG.error("a file watch has ended", e);
        }
    }

    /// Null when the burst is over.
    private @Nullable WatchKey nextKey() throws InterruptedException {
        return burst.isEmpty()
                ? service.take()
                : service.poll(burst.leftNanos(System.nanoTime()), TimeUnit.NANOSECONDS);
    }

    private void tell(Change change) {
        if (closed) {
            return;
        }
        try {
            onChange.accept(change);
        } catch (RuntimeException e) {
            LOG.error("could not pass on that {} has changed", change.first(), e);
        }
    }

    /// Ends the watch and gives back what the kernel keeps for it. Does not wait for its thread: a
    /// call of `onChange` that was on its way may still come. May be called from `onChange`, and
    /// again.
    @Override
    public void close() {
        closed = true;
        try {
            service.close();
        } catch (IOException e) {
            LOG.warn("a file watch was not closed cleanly", e);
        }
    }
}
