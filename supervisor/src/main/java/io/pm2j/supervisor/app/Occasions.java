package io.pm2j.supervisor.app;

import io.pm2j.config.Cron;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.WatchSpec;
import io.pm2j.supervisor.watch.Change;
import io.pm2j.supervisor.watch.FileWatch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks at the clock and at files for one app, and says when it is to restart. Confined to the
/// app's owner, but for the clock's and the watch's own threads.
final class Occasions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Occasions.class);

    private final Path home;
    private final Consumer<Occasion> due;
    private WatchSpec watched = WatchSpec.NONE;
    private @Nullable FileWatch watch;
    private Optional<Cron> cron = Optional.empty();
    /// Tells the clock of the present schedule from those of former ones.
    private volatile int schedule;

    /// `home` is the daemon's: what it writes there is nobody's change.
    Occasions(Path home, Consumer<Occasion> due) {
        this.home = home;
        this.due = due;
    }

    /// Follows what `spec` says from now on. A watch that cannot be had is told to `progress`; the app runs without.
    void follow(AppSpec spec, Progress progress) {
        if (!spec.restart().cron().equals(cron)) {
            cron = spec.restart().cron();
            schedule++;
            cron.ifPresent(times -> await(times, schedule));
        }
        if (!spec.watch().equals(watched)) {
            endWatch();
            watched = spec.watch();
            if (watched.wanted()) {
                watch(spec, progress);
            }
        }
    }

    boolean watching() {
        return watch != null;
    }

    @Override
    public void close() {
        schedule++;
        endWatch();
    }

    private void watch(AppSpec spec, Progress progress) {
        try {
            watch = FileWatch.start(
                    withoutOurs(spec), change -> due.accept(Occasion.changed(told(spec.cwd(), change))));
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("cannot watch");
            progress.warn("cannot watch: " + e.getMessage());
        }
    }

    /// The app must not restart because its restart was written down.
    private WatchSpec withoutOurs(AppSpec spec) {
        List<String> ignored = new ArrayList<>(spec.watch().ignored());
        ignored.add(home.toString());
        Stream.of(spec.logs().out(), spec.logs().error(), spec.logs().combined(), spec.pidFile())
                .flatMap(Optional::stream)
                .filter(Path::isAbsolute)
                .forEach(path -> ignored.add(path + "*"));
        return new WatchSpec(spec.watch().paths(), ignored, spec.watch().delay());
    }

    private static String told(Path cwd, Change change) {
        Path file = change.first().startsWith(cwd) ? cwd.relativize(change.first()) : change.first();
        return change.count() == 1 ? file.toString() : file + " and " + (change.count() - 1) + " more";
    }

    private void endWatch() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
        watched = WatchSpec.NONE;
    }

    private void await(Cron times, int own) {
        ZonedDateTime now = ZonedDateTime.now();
        times.next(now)
                .ifPresent(next -> CompletableFuture.delayedExecutor(
                                Duration.between(now, next).toMillis() + 1, TimeUnit.MILLISECONDS)
                        .execute(() -> {
                            if (schedule == own) {
                                due.accept(Occasion.cron(times.text()));
                                await(times, own);
                            }
                        }));
    }
}
