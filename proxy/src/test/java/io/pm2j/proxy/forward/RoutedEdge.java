package io.pm2j.proxy.forward;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import io.pm2j.config.spec.edge.AccessLogSpec;
import io.pm2j.config.spec.edge.AccessLogSpec.Field;
import io.pm2j.config.spec.edge.ActionSpec;
import io.pm2j.config.spec.edge.MatchSpec;
import io.pm2j.config.spec.edge.PolicySpec;
import io.pm2j.config.spec.edge.RouteSpec;
import io.pm2j.proxy.Listener;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.accesslog.AccessLog;
import io.pm2j.proxy.accesslog.LineSink;
import io.pm2j.proxy.admission.Admission;
import io.pm2j.proxy.client.TrustedProxies;
import io.pm2j.proxy.route.RouteTable;
import io.pm2j.proxy.upstream.EndpointSnapshot;
import io.pm2j.proxy.upstream.StickyKey;
import io.pm2j.proxy.upstream.Upstream;
import io.pm2j.proxy.upstream.UpstreamSpec;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// A listener of a running proxy with one route that has everything: an upstream, admission, an access log
/// whose lines are kept.
final class RoutedEdge implements AutoCloseable {
    /// Its access log shows these.
    private static final List<Field> TOLD = List.of(Field.STATUS, Field.CAUSE, Field.RETRIES, Field.BYTES_OUT);

    final Listener listener;
    final Upstream upstream;
    final Routes routes;
    final Admission admission;
    private final AccessLog log;
    private final Lines lines = new Lines();

    private RoutedEdge(Proxy proxy, String name, PolicySpec policy, Function<Upstream, Action> action, boolean bytes)
            throws Exception {
        upstream = proxy.upstream(name);
        upstream.stick(new StickyKey(new byte[16]));
        upstream.describe(UpstreamSpec.named(name).withBalance(policy.balance()));
        admission = Admission.compile(policy, proxy.means());
        AccessLogSpec spec = new AccessLogSpec(
                Optional.empty(), new AccessLogSpec.Format.Fields(TOLD), AccessLogSpec.DEFAULT.rotation());
        log = proxy.openAccessLog(spec, lines);
        Address.Tcp any = new Address.Tcp("127.0.0.1", 0);
        RouteSpec asked =
                new RouteSpec(name, List.of(any), MatchSpec.ALL, new ActionSpec.ToApp(new AppName(name)), policy);
        int meter = proxy.latencies().routes().of(name);
        Route route = Route.of(asked, action.apply(upstream), admission, meter, log);
        routes = new Routes(List.of(new RouteTable.Entry<>(MatchSpec.ALL, route)), log, TrustedProxies.NONE);
        listener = proxy.listen(any, bytes ? new Target.Bytes(upstream) : new Target.Routed(routes));
    }

    static RoutedEdge open(Proxy proxy, String name, PolicySpec policy) throws Exception {
        return new RoutedEdge(proxy, name, policy, Action.Forward::new, false);
    }

    static RoutedEdge open(Proxy proxy, String name, PolicySpec policy, Action action) throws Exception {
        return new RoutedEdge(proxy, name, policy, _ -> action, false);
    }

    static RoutedEdge ofBytes(Proxy proxy, String name, PolicySpec policy) throws Exception {
        return new RoutedEdge(proxy, name, policy, Action.Forward::new, true);
    }

    int port() {
        return ((Address.Tcp) listener.address()).port();
    }

    int inFlight() {
        return upstream.endpoints().stream()
                .mapToInt(EndpointSnapshot::inFlight)
                .sum();
    }

    /// Every line, once all requests have ended; no other is let in.
    List<String> linesAtEnd() {
        // What has arrived and was not read yet would be a request of a log that has ended.
        listener.close();
        log.retire();
        Edge.await(lines::closed);
        return lines.all();
    }

    void retireLog() {
        log.retire();
    }

    /// Lines that are there already.
    List<String> lines() {
        return lines.all();
    }

    @Override
    public void close() {
        listener.close();
        log.close();
    }

    private static final class Lines implements LineSink {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean closed;

        @Override
        public synchronized long write(ByteBuffer piece) {
            while (piece.hasRemaining()) {
                bytes.write(piece.get());
            }
            return 0;
        }

        synchronized List<String> all() {
            return bytes.toString(StandardCharsets.UTF_8).lines().toList();
        }

        synchronized boolean closed() {
            return closed;
        }

        @Override
        public synchronized void close() {
            closed = true;
        }
    }
}
