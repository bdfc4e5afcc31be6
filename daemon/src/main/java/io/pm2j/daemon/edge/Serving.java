package io.pm2j.daemon.edge;

import io.pm2j.config.spec.edge.Cidr;
import io.pm2j.config.spec.edge.ListenerSpec;
import io.pm2j.config.spec.edge.TlsSpec.KeyFiles;
import io.pm2j.proxy.accesslog.AccessLog;
import io.pm2j.proxy.forward.Route;
import io.pm2j.proxy.route.RouteTable;
import io.pm2j.proxy.tls.Certificate;
import io.pm2j.proxy.upstream.Upstream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is served at one listener, ready for the data path.
///
/// @param forward where the bytes go of one that is not HTTP's
/// @param certificates in their order; none where no TLS is spoken
record Serving(
        List<RouteTable.Entry<Route>> entries,
        Optional<AccessLog> log,
        List<Cidr> trusted,
        Optional<Upstream> forward,
        Map<KeyFiles, Certificate> certificates) {
    static final Serving NOTHING = new Serving(List.of(), Optional.empty(), List.of(), Optional.empty(), Map.of());

    /// Whether a listener that was opened as `kind` can serve this, and be what `spec` says.
    boolean sameDoor(Doors.Kind kind, ListenerSpec spec) {
        boolean announced = !spec.acceptProxy() || kind.serving().trusted.equals(trusted);
        return kind.spec().sameDoor(spec) && announced && kind.serving().forward.equals(forward);
    }

    /// The same with other certificates.
    Serving with(Map<KeyFiles, Certificate> others) {
        return new Serving(entries, log, trusted, forward, others);
    }

    Upstream upstream() {
        return forward.orElseThrow(() -> new IllegalStateException("an http listener has routes"));
    }
}
