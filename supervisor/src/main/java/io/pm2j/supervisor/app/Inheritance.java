package io.pm2j.supervisor.app;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// What the program before this one in the same process has left to its successor. The owners
/// that take up its apps find it here, until [#isTaken]. Thread-safe.
public final class Inheritance {
    /// A daemon that was started.
    public static final Inheritance NONE = new Inheritance(List.of());

    private final Map<String, AppHandover> apps;
    private final Map<String, AppHandover.Working> workers;

    public Inheritance(Collection<AppHandover> handed) {
        apps = new ConcurrentHashMap<>();
        workers = new ConcurrentHashMap<>();
        handed.forEach(app -> {
            apps.put(app.app(), app);
            app.workers().forEach(worker -> workers.put(worker.token(), worker));
        });
    }

    /// Whether there is a predecessor: then nothing happens before all of it is taken up.
    public boolean any() {
        return this != NONE;
    }

    /// All apps are taken up. There is nothing for those that come later, even by the same names.
    public void isTaken() {
        apps.clear();
        workers.clear();
    }

    /// The number that no worker had so far.
    long lastId() {
        return workers.values().stream()
                .mapToLong(AppHandover.Working::id)
                .max()
                .orElse(0);
    }

    Optional<AppHandover> app(String name) {
        return Optional.ofNullable(apps.get(name));
    }

    Optional<AppHandover.Working> worker(String token) {
        return Optional.ofNullable(workers.get(token));
    }
}
