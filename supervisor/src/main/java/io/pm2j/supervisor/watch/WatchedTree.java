package io.pm2j.supervisor.watch;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the watched folders in step with the files, and picks from the kernel's news what counts.
///
/// A root is what somebody asked to watch, a file or a folder. Its nearest existing parent is
/// watched too, its *anchor*: it tells when the root is made, removed or replaced, and for a file,
/// when it changes. Confined to one thread.
final class WatchedTree {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedTree.class);

    private final List<Path> roots;
    private final IgnoreRules rules;
    private final Folders folders;
    private final Consumer<Path> changed;
    private boolean behind;

    WatchedTree(List<Path> roots, IgnoreRules rules, Folders folders, Consumer<Path> changed) {
        this.roots = roots.stream()
                .map((Path root) -> root.toAbsolutePath().normalize())
                .distinct()
                .toList();
        this.rules = rules;
        this.folders = folders;
        this.changed = changed;
    }

    void watchAll() throws IOException {
        for (Path root : roots) {
            if (Files.isDirectory(root) && !Files.isReadable(root)) {
                throw new AccessDeniedException(root.toString());
            }
            anchor(root);
            watchBelow(root, root, false);
        }
    }

    /// The news of one folder.
    void take(WatchKey key) {
        Optional<Path> folder = folders.path(key);
        // A key that was given up may have news left; whatever they are about was looked at again.
        for (WatchEvent<?> event : folder.isPresent() ? key.pollEvents() : List.<WatchEvent<?>>of()) {
            take(folder.get(), event);
        }
        if (!key.reset() && folder.isPresent()) {
            folders.ended(key, folder.get());
            ended(folder.get());
        }
    }

    private void take(Path folder, WatchEvent<?> event) {
        if (event.kind() == StandardWatchEventKinds.OVERFLOW) {
            behind = true;
            changed.accept(folder);
            return;
        }
        Path path = folder.resolve((Path) Objects.requireNonNull(event.context()));
        boolean modified = event.kind() == StandardWatchEventKinds.ENTRY_MODIFY;
        if (!modified) {
            // What was there is gone, moved or replaced; what is there now is watched anew.
            folders.forget(path);
        }
        for (Path root : roots) {
            if (!path.startsWith(root)) {
                if (!modified && root.startsWith(path)) {
                    lookAgain(root);
                }
            } else if (!rules.ignores(root, path)) {
                if (modified) {
                    takeModified(root, path);
                } else {
                    takeReplaced(root, path);
                }
            }
        }
    }

    private void takeModified(Path root, Path path) {
        // A folder's own news (its mode, its times) are nobody's.
        if (!isFolder(root, path)) {
            changed.accept(path);
        }
    }

    /// Made, removed or both.
    private void takeReplaced(Path root, Path path) {
        changed.accept(path);
        quietly(path, () -> watchBelow(root, path, true));
    }

    /// A folder with all in it has gone, and perhaps another is in its place. One in a root is
    /// told of by its parent.
    private void ended(Path folder) {
        for (Path root : roots) {
            if (root.startsWith(folder)) {
                lookAgain(root);
            }
        }
    }

    /// What leads to the root has come or gone.
    private void lookAgain(Path root) {
        quietly(root, () -> {
            anchor(root);
            if (Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
                changed.accept(root);
                watchBelow(root, root, true);
            }
        });
    }

    /// Looks at everything again if the kernel had to drop news: new folders may have been among
    /// them.
    void catchUp() {
        if (!behind) {
            return;
        }
        behind = false;
        for (Path root : roots) {
            quietly(root, () -> {
                anchor(root);
                watchBelow(root, root, false);
            });
        }
    }

    /// Watches the root's nearest existing parent.
    private void anchor(Path root) throws IOException {
        Path folder = root.getParent();
        while (folder != null && !watchIfThere(folder)) {
            folder = folder.getParent();
        }
        // Down again: it may have got the next one before it was watched.
        while (folder != null) {
            Path next = folder.resolve(root.getName(folder.getNameCount()));
            folder = !next.equals(root) && watchIfThere(next) ? next : null;
        }
    }

    /// Watches a folder and all below it. Nothing happens if it is a file or gone. What is found
    /// in a fresh one is told of, as files may come into a new folder before it is watched.
    private void watchBelow(Path root, Path top, boolean fresh) throws IOException {
        if (!isFolder(root, top) || rules.ignores(root, top)) {
            return;
        }
        Deque<Path> pending = new ArrayDeque<>();
        pending.push(top);
        while (!pending.isEmpty()) {
            Path folder = pending.pop();
            List<Path> entries = watchIfThere(folder) ? entries(folder) : List.of();
            for (Path path : entries) {
                if (rules.ignores(root, path)) {
                    continue;
                }
                if (fresh) {
                    changed.accept(path);
                }
                if (isFolder(root, path)) {
                    pending.push(path);
                }
            }
        }
    }

    /// A root may be a symbolic link to a folder.
    private static boolean isFolder(Path root, Path path) {
        return path.equals(root) ? Files.isDirectory(path) : Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    /// @return whether it is watched: it may be gone, or nobody's to read
    private boolean watchIfThere(Path folder) throws IOException {
        try {
            folders.watch(folder);
            return true;
        } catch (NoSuchFileException | NotDirectoryException _) {
            return false;
        } catch (FileSystemException e) {
            LOG.warn("not watched: {}", e.toString());
            return false;
        }
    }

    private static List<Path> entries(Path folder) {
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(all::add);
        } catch (IOException | DirectoryIteratorException _) {
            // Gone meanwhile, of which its parent tells.
        }
        return all;
    }

    private interface Look {
        void take() throws IOException;
    }

    /// The watch goes on with what it has.
    private static void quietly(Path path, Look look) {
        try {
            look.take();
        } catch (IOException e) {
            LOG.warn("changes of {} may go unseen: {}", path, e.toString());
        }
    }
}
