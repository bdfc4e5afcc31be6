package io.pm2j.daemon.edge;

import io.pm2j.config.spec.edge.TlsSpec.KeyFiles;
import io.pm2j.metrics.SampleSink;
import io.pm2j.proxy.tls.BadCertificate;
import io.pm2j.proxy.tls.Certificate;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The certificates that are served, by their files. What cannot be served takes the place of nothing: the pair before
/// is served on, and said to be.
final class Certificates {
    private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);

    /// What is served, and why it is not what the files have, or not believed.
    record Kept(Certificate served, Optional<String> problem) {}

    private final Vertx vertx;
    private final InstantSource clock;
    private final Map<KeyFiles, Kept> kept = new LinkedHashMap<>();

    Certificates(Vertx vertx, InstantSource clock) {
        this.vertx = vertx;
        this.clock = clock;
    }

    /// What is to be served of these files now, in their order.
    ///
    /// @throws EdgeRefused when a pair is no good and there is none before it
    Map<KeyFiles, Certificate> of(Collection<KeyFiles> wanted) throws EdgeRefused {
        Map<KeyFiles, Certificate> all = new LinkedHashMap<>();
        for (KeyFiles files : wanted) {
            all.put(files, of(files));
        }
        return all;
    }

    private synchronized Certificate of(KeyFiles files) throws EdgeRefused {
        Kept before = kept.get(files);
        Kept now;
        try {
            now = chosen(before, Certificate.read(vertx, files.certificate(), files.key()), clock.instant());
        } catch (BadCertificate e) {
            if (before == null) {
                throw new EdgeRefused(e.sentence(), e);
            }
            now = new Kept(before.served, Optional.of(e.sentence()));
        }
        tell(before, now);
        kept.put(files, now);
        return now.served;
    }

    /// The data path did not take it: the one before stays. Which it is does the data path know.
    synchronized void refused(KeyFiles files, Certificate before, String why) {
        kept.put(files, new Kept(before, Optional.of(why)));
        LOG.warn("{}: the certificate before is served on", why);
    }

    /// Which of the two is served at `now`: the newer, unless only the other is believed. Pure.
    static Kept chosen(@Nullable Kept before, Certificate read, Instant now) {
        String untimely = read.untimely(now);
        if (before == null) {
            return new Kept(read, Optional.ofNullable(untimely));
        }
        boolean worse = untimely != null && before.served.untimely(now) == null;
        boolean stays = worse || before.served.same(read);
        return new Kept(stays ? before.served : read, Optional.ofNullable(untimely));
    }

    private static void tell(@Nullable Kept before, Kept now) {
        if (before != null && before.served != now.served) {
            LOG.info("{} is served from now on, until {}", now.served.file(), now.served.notAfter());
        }
        if (now.problem.isPresent() && (before == null || !before.problem.equals(now.problem))) {
            LOG.warn("{}", sentence(now));
        }
    }

    private static String sentence(Kept one) {
        return one.problem.orElse("") + " (served until it is mended: the certificate that is valid until "
                + one.served.notAfter() + ")";
    }

    /// What is kept now, for [#restore].
    synchronized Map<KeyFiles, Kept> kept() {
        return new LinkedHashMap<>(kept);
    }

    /// What was tried since is not done.
    synchronized void restore(Map<KeyFiles, Kept> before) {
        kept.clear();
        kept.putAll(before);
    }

    /// Forgets all but these.
    synchronized void retain(Collection<KeyFiles> used) {
        kept.keySet().retainAll(used);
    }

    /// The files that matter.
    synchronized Set<Path> paths() {
        Set<Path> paths = new LinkedHashSet<>();
        kept.keySet().forEach(files -> paths.addAll(List.of(files.certificate(), files.key())));
        return paths;
    }

    /// A line for each that is not what its files have, or not believed.
    synchronized List<String> banners() {
        return kept.values().stream()
                .filter(one -> one.problem.isPresent())
                .map(Certificates::sentence)
                .toList();
    }

    synchronized void tell(SampleSink sink) {
        kept.forEach((files, one) -> {
            Map<String, String> labels = Map.of("file", files.certificate().toString());
            sink.gauge(
                    "pm2j_tls_cert_not_after_seconds",
                    "Until when the certificate is valid that is served, since the epoch.",
                    labels,
                    one.served.notAfter().getEpochSecond());
            sink.gauge(
                    "pm2j_tls_cert_last_reload_success",
                    "Whether what is served is what the files have, and is believed.",
                    labels,
                    one.problem.isEmpty() ? 1 : 0);
        });
    }
}
