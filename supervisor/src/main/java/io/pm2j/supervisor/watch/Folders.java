package io.pm2j.supervisor.watch;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// The book of watched folders: which key stands for which. A folder that was moved keeps its key,
/// so a key's path is the one it was last found at. Confined to one thread.
final class Folders {
    private static final WatchEvent.Kind<?>[] KINDS = {
        StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_DELETE
    };

    private final WatchService service;
    private final Map<WatchKey, Path> paths = new HashMap<>();
    private final NavigableMap<Path, WatchKey> keys = new TreeMap<>();

    Folders(WatchService service) {
        this.service = service;
    }

    /// Watches the entries of a folder, not what is below them. Nothing happens if it is watched
    /// already.
    ///
    /// @throws IOException if it is no folder, may not be read, or the kernel watches no more
    void watch(Path folder) throws IOException {
        WatchKey key = register(folder);
        Path before = paths.put(key, folder);
        if (before != null && !before.equals(folder)) {
            keys.remove(before, key);
        }
        WatchKey replaced = keys.put(folder, key);
        if (replaced != null && replaced != key) {
            paths.remove(replaced);
            replaced.cancel();
        }
    }

    private WatchKey register(Path folder) throws IOException {
        try {
            return folder.register(service, KINDS);
        } catch (IOException e) {
            throw InotifyLimit.named(e, folder);
        }
    }

    /// Where the key's folder is; empty for one that is not watched any more.
    Optional<Path> path(WatchKey key) {
        return Optional.ofNullable(paths.get(key));
    }

    /// The key has ended by itself, as its folder was removed.
    void ended(WatchKey key, Path path) {
        paths.remove(key);
        keys.remove(path, key);
    }

    /// Watches the folder and all below it no longer: whatever is there now is another.
    void forget(Path folder) {
        // Paths are ordered as texts, so what is below a folder is among those that begin with its text.
        String prefix = folder.toString();
        List<Path> gone = new ArrayList<>();
        for (Path path : keys.tailMap(folder, true).keySet()) {
            if (!path.toString().startsWith(prefix)) {
                break;
            }
            if (path.startsWith(folder)) {
                gone.add(path);
            }
        }
        for (Path path : gone) {
            WatchKey key = keys.remove(path);
            if (key != null) {
                paths.remove(key);
                key.cancel();
            }
        }
    }
}
