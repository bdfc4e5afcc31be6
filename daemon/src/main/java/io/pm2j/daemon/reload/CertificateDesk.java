package io.pm2j.daemon.reload;

import io.pm2j.daemon.edge.EdgeDesk;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Follows the files of the certificates that are served: what is written there is served as soon as it is a whole
/// pair.
public final class CertificateDesk implements AutoCloseable {
    private final Vertx vertx;
    private final EdgeDesk edge;
    private @Nullable ConfigWatch watch;
    private boolean closed;

    public CertificateDesk(Vertx vertx, EdgeDesk edge) {
        this.vertx = vertx;
        this.edge = edge;
        edge.onKeyFiles(this::follow);
    }

    private synchronized void follow(Set<Path> files) {
        ConfigWatch former = watch;
        if (former != null) {
            former.close();
        }
        watch = closed || files.isEmpty()
                ? null
                : ConfigWatch.start(vertx, files.iterator().next(), () -> {
                    edge.renew();
                    return files;
                });
    }

    /// Follows nothing more.
    @Override
    public synchronized void close() {
        closed = true;
        follow(Set.of());
    }
}
