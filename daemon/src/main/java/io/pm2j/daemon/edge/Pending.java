package io.pm2j.daemon.edge;

import io.pm2j.config.AppName;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.EdgeText;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What files asked that could not be had when it was taken up again, such as a port that somebody else had: it is
/// tried again every few seconds, until it can be had, something else is asked, or the file's apps are gone.
final class Pending {
    private static final Logger LOG = LoggerFactory.getLogger(Pending.class);
    private static final long FIRST_MS = 500;
    private static final long LONGEST_MS = 8_000;

    private final Attempt attempt;
    private final Map<Path, EdgeText> texts = new LinkedHashMap<>();
    private final Set<Path> begun = new HashSet<>();
    private boolean trying;

    /// Takes one up; tells whether nothing more is to be done.
    @FunctionalInterface
    interface Attempt {
        boolean again(Path file, EdgeText text) throws InterruptedException;
    }

    Pending(Attempt attempt) {
        this.attempt = attempt;
    }

    synchronized void add(Path file, EdgeText text) {
        texts.put(file, text);
        if (!trying) {
            trying = true;
            Thread.ofVirtual().name("edge that is not served yet").start(this::keepTrying);
        }
    }

    /// Whether it was there.
    synchronized boolean drop(Path file) {
        begun.remove(file);
        return texts.remove(file) != null;
    }

    synchronized void clear() {
        texts.clear();
    }

    synchronized boolean has(Path file, EdgeText text) {
        return text.equals(texts.get(file));
    }

    synchronized Map<Path, EdgeText> texts() {
        return new LinkedHashMap<>(texts);
    }

    /// Drops what was asked by files whose apps have all come and gone; whether there was any.
    synchronized boolean settle(Collection<AppName> existing) {
        boolean fewer = false;
        for (Map.Entry<Path, EdgeText> one : Map.copyOf(texts).entrySet()) {
            Set<AppName> own = apps(one.getKey(), one.getValue());
            if (own.stream().anyMatch(existing::contains)) {
                begun.add(one.getKey());
            } else if (!own.isEmpty() && begun.remove(one.getKey())) {
                texts.remove(one.getKey());
                fewer = true;
            }
        }
        return fewer;
    }

    private static Set<AppName> apps(Path file, EdgeText text) {
        try {
            return Wish.of(file, text).apps();
        } catch (InvalidConfig e) {
            return Set.of();
        }
    }

    private void keepTrying() {
        try {
            long stepMs = FIRST_MS;
            do {
                Thread.sleep(stepMs);
                stepMs = Math.min(2 * stepMs, LONGEST_MS);
                for (Map.Entry<Path, EdgeText> one : texts().entrySet()) {
                    tryOnce(one.getKey(), one.getValue());
                }
            } while (someAreLeft());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tryOnce(Path file, EdgeText text) throws InterruptedException {
        try {
            boolean _ = attempt.again(file, text);
        } catch (RuntimeException e) {
            LOG.debug("the edge of {} cannot be served yet", file, e);
        }
    }

    private synchronized boolean someAreLeft() {
        trying = !texts.isEmpty();
        return trying;
    }
}
