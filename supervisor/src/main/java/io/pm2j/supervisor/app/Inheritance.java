package io.pm2j.supervisor.app;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What the program before this one in the same process has left to its successor; each part is
/// taken once, by the owner that takes its app up.
public final class Inheritance {
    /// A daemon that was started.
    public static final Inheritance NONE = new Inheritance(List.of());

    private final Map<String, AppHandover> apps;
    private final Map<String, AppHandover.Working> workers;

    public Inheritance(Collection<AppHandover> handed) {
        apps = handed.stream().collect(Collectors.toUnmodifiableMap(AppHandover::app, Function.identity()));
        workers = handed.stream()
                .flatMap(app -> app.workers().stream())
                .collect(Collectors.toUnmodifiableMap(AppHandover.Working::token, Function.identity()));
    }

    /// Whether there is a predecessor: then nothing happens before all of it is taken up.
    public boolean any() {
        return this != NONE;
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
