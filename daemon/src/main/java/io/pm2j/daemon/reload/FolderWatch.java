package io.pm2j.daemon.reload;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hears of anything that happens in the folders on the way to some files: where a file is, and where each link on the
/// way is, so that `current -> releases/8` is heard of too.
///
/// It says only that something happened: whether a content is another one is for others to judge, so an
/// editor's swap file is nothing.
final class FolderWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FolderWatch.class);
    private static final int MOST_LINKS = 40;

    private final WatchService service;
    private final Runnable onNews;
    private final Map<Path, WatchKey> keys = new HashMap<>();
    private volatile Set<Path> entries = Set.of();

    private FolderWatch(WatchService service, Runnable onNews) {
        this.service = service;
        this.onNews = onNews;
    }

    /// `onNews` is called on a thread of the watch's own.
    ///
    /// @throws IOException when the kernel watches no more
    static FolderWatch start(Runnable onNews) throws IOException {
        FolderWatch watch = new FolderWatch(FileSystems.getDefault().newWatchService(), onNews);
        Thread.ofVirtual().name("pm2j-config-folders").start(watch::run);
        return watch;
    }

    /// Watches the way to these files as it is now, and nothing else any more.
    synchronized void follow(Collection<Path> files) {
        Set<Path> ways = new LinkedHashSet<>();
        files.forEach(file -> ways.addAll(wayTo(file)));
        entries = Set.copyOf(ways);
        Set<Path> wanted = ways.stream().map(entry -> entry.resolveSibling("")).collect(Collectors.toSet());
        keys.entrySet().removeIf(known -> {
            boolean over = !wanted.contains(known.getKey()) || !known.getValue().isValid();
            if (over) {
                known.getValue().cancel();
            }
            return over;
        });
        for (Path folder : wanted) {
            try {
                keys.putIfAbsent(
                        folder,
                        folder.register(
                                service,
                                StandardWatchEventKinds.ENTRY_CREATE,
                                StandardWatchEventKinds.ENTRY_MODIFY,
                                StandardWatchEventKinds.ENTRY_DELETE));
            } catch (IOException e) {
                LOG.debug("not watched: {}", e.toString()); // looked at regularly all the same
            } catch (ClosedWatchServiceException e) {
                return;
            }
        }
    }

    /// Where something can happen that makes `file` another one: each link on the way, and the file at its end.
    static Set<Path> wayTo(Path file) {
        Set<Path> entries = new LinkedHashSet<>();
        Path at = file.getRoot();
        Path rest = at == null ? file : at.relativize(file);
        int links = 0;
        try {
            while (at != null && rest.getNameCount() > 0 && !rest.toString().isEmpty()) {
                Path next = at.resolve(rest.getName(0));
                Path below = rest.getNameCount() > 1 ? rest.subpath(1, rest.getNameCount()) : Path.of("");
                boolean link = Files.isSymbolicLink(next);
                if (link || below.toString().isEmpty() || !Files.exists(next)) {
                    entries.add(next);
                }
                if (link && ++links <= MOST_LINKS) {
                    Path to = at.resolve(Files.readSymbolicLink(next)).normalize();
                    Path whole = to.resolve(below);
                    at = whole.getRoot();
                    rest = at == null ? whole : at.relativize(whole);
                } else if (Files.exists(next) && links <= MOST_LINKS) {
                    at = next;
                    rest = below;
                } else {
                    break;
                }
            }
        } catch (IOException e) {
            LOG.debug("the way to {} changes just now: {}", file, e.toString());
        }
        return entries;
    }

    private void run() {
        try {
            while (true) {
                WatchKey key = service.take();
                boolean news = key.pollEvents().stream().anyMatch(event -> matters(key, event));
                key.reset();
                if (news) {
                    onNews.run();
                }
            }
        } catch (ClosedWatchServiceException | InterruptedException _) {
            // Closed: nobody wants to know any more.
        }
    }

    private boolean matters(WatchKey key, WatchEvent<?> event) {
        return !(event.context() instanceof Path name)
                || !(key.watchable() instanceof Path folder)
                || entries.contains(folder.resolve(name));
    }

    @Override
    public void close() {
        try {
            service.close();
        } catch (IOException e) {
            LOG.warn("a watch was not closed cleanly", e);
        }
    }
}
