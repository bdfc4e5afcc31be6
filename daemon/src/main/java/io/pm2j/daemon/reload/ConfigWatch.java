package io.pm2j.daemon.reload;

import io.vertx.config.ConfigRetriever;
import io.vertx.config.ConfigRetrieverOptions;
import io.vertx.config.ConfigStoreOptions;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells when a config file, or a file that it names, has another content and is at rest.
///
/// ```
///   kernel's news ──> getConfig ──┐
///                                 ├─> configStream ──> seals ──> watch's thread: other, and quiet? ──> onChange
///   every second ───> scan ───────┘
/// ```
/// Vert.x Config looks at the files and tells of it; the kernel only makes it look sooner. A file that is written in
/// pieces is not at rest before its content was the same for [#QUIET].
final class ConfigWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigWatch.class);

    /// How long nothing must change: longer than the pauses of editors and copiers.
    static final Duration QUIET = Duration.ofMillis(400);
    /// Also where the kernel tells nothing: network file systems, folders made anew.
    private static final Duration LOOK_EACH = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final Path file;
    private final Read onChange;
    private final LinkedBlockingQueue<JsonObject> seals = new LinkedBlockingQueue<>();
    private final Thread thread;
    private @Nullable FolderWatch folders;
    private Set<Path> files;
    private JsonObject seen = new JsonObject();
    private volatile @Nullable ConfigRetriever retriever;
    private volatile boolean closed;

    /// Reads the file; what it names besides is the answer.
    @FunctionalInterface
    interface Read {
        Set<Path> isNow() throws InterruptedException;
    }

    private ConfigWatch(Vertx vertx, Path file, Read onChange) {
        this.vertx = vertx;
        this.file = file;
        this.onChange = onChange;
        this.files = Set.of(file);
        this.thread =
                Thread.ofVirtual().name("pm2j-config-" + file.getFileName()).unstarted(this::live);
    }

    /// `onChange` is called on the watch's own thread: at once, and after each change.
    static ConfigWatch start(Vertx vertx, Path file, Read onChange) {
        ConfigWatch watch = new ConfigWatch(vertx, file, onChange);
        watch.thread.start();
        return watch;
    }

    private void live() {
        try {
            folders = FolderWatch.start(this::look);
        } catch (IOException e) {
            LOG.warn("{} is looked at every second only: {}", file, e.toString());
        }
        try {
            follow(files);
            while (!closed) {
                seen = atRest();
                if (closed) {
                    return;
                }
                follow(withFile(onChange.isNow()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("the watch of {} has ended", file);
        } finally {
            end();
        }
    }

    private Set<Path> withFile(Set<Path> named) {
        Set<Path> all = new LinkedHashSet<>();
        all.add(file);
        all.addAll(named);
        return all;
    }

    /// Waits for a content that is another one and stays as it is.
    private JsonObject atRest() throws InterruptedException {
        JsonObject now = seals.take();
        while (!closed) {
            boolean other = news(now);
            if (!other) {
                seen = now; // with what is looked at for the first time
            }
            JsonObject next = other ? seals.poll(QUIET.toMillis(), TimeUnit.MILLISECONDS) : seals.take();
            if (next == null) {
                look();
                next = seals.take();
                if (next.equals(now)) {
                    return now;
                }
            }
            now = next;
        }
        return now;
    }

    /// Whether a file that was seen is another one. Of one that nobody had looked at before, nothing is known.
    private boolean news(JsonObject now) {
        return seen.isEmpty()
                || now.fieldNames().stream()
                        .anyMatch(name ->
                                seen.containsKey(name) && !seen.getValue(name).equals(now.getValue(name)));
    }

    /// From now on these files count.
    private void follow(Set<Path> wanted) {
        ConfigRetriever known = retriever;
        if (known == null || !wanted.equals(files)) {
            files = wanted;
            if (known != null) {
                known.close();
            }
            ConfigRetriever fresh = ConfigRetriever.create(
                    vertx,
                    new ConfigRetrieverOptions()
                            .setIncludeDefaultStores(false)
                            .setScanPeriod(LOOK_EACH.toMillis())
                            .addStore(new ConfigStoreOptions()
                                    .setType(ContentStore.TYPE)
                                    .setFormat("json")
                                    .setConfig(ContentStore.of(wanted))));
            fresh.configStream().handler(seals::add);
            retriever = fresh;
            look();
        }
        FolderWatch watch = folders;
        if (watch != null) {
            watch.follow(wanted);
        }
    }

    private void look() {
        ConfigRetriever known = retriever;
        if (known != null && !closed) {
            known.getConfig().onFailure(e -> LOG.warn("{} cannot be looked at: {}", file, e.toString()));
        }
    }

    /// Ends the watch; a change that is on its way may still be told. Any thread, also the watch's own.
    @Override
    public void close() {
        closed = true;
        seals.add(new JsonObject());
    }

    private void end() {
        ConfigRetriever known = retriever;
        if (known != null) {
            known.close();
        }
        FolderWatch watch = folders;
        if (watch != null) {
            watch.close();
        }
    }
}
