package io.pm2j.proxy.forward;

import io.pm2j.config.Address;
import io.pm2j.proxy.Listener;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.files.StaticSite;
import io.pm2j.proxy.transport.Transport;
import io.pm2j.proxy.upstream.EndpointSpec;
import io.pm2j.proxy.upstream.Upstream;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// A running proxy with one listener, and what a test says to it over real sockets.
final class Edge implements AutoCloseable {
    static final String GET = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(120);

    final Vertx vertx;
    final Proxy proxy;
    final Upstream app;
    final Listener listener;

    private Edge(Transport transport, ProxyOptions options, StaticSite[] site) throws Exception {
        vertx = transport.vertx(new VertxOptions().setEventLoopPoolSize(1));
        proxy = Proxy.start(vertx, options);
        app = proxy.upstream("app");
        Target target = site.length == 0 ? new Target.App(app) : new Target.Site(site[0]);
        listener = proxy.listen(new Address.Tcp("127.0.0.1", 0), target);
    }

    static Edge relaying(EndpointSpec... endpoints) throws Exception {
        return relaying(ProxyOptions.defaults().withHold(Duration.ofMillis(600), 100), endpoints);
    }

    static Edge relaying(ProxyOptions options, EndpointSpec... endpoints) throws Exception {
        return relaying(usual(), options, endpoints);
    }

    static Edge relaying(Transport transport, ProxyOptions options, EndpointSpec... endpoints) throws Exception {
        Edge edge = new Edge(transport, options, new StaticSite[0]);
        edge.app.admit(Set.of(endpoints));
        return edge;
    }

    /// What the tests run on: `-Dpm2j.transport=nio` runs them on another.
    static Transport usual() {
        return Transport.wanted(System.getProperty("pm2j.transport"));
    }

    static Edge serving(StaticSite site) throws Exception {
        return serving(ProxyOptions.defaults(), site);
    }

    static Edge serving(ProxyOptions options, StaticSite site) throws Exception {
        return serving(usual(), options, site);
    }

    static Edge serving(Transport transport, ProxyOptions options, StaticSite site) throws Exception {
        return new Edge(transport, options, new StaticSite[] {site});
    }

    Client connect() throws IOException {
        Socket socket = new Socket("127.0.0.1", ((Address.Tcp) listener.address()).port());
        socket.setSoTimeout(60_000);
        socket.setTcpNoDelay(true);
        return new Client(socket);
    }

    /// The one response to `request` on a connection of its own.
    String ask(String request) throws IOException {
        try (Client client = connect()) {
            client.say(request);
            return client.response();
        }
    }

    /// Everything that comes after `request` until the proxy ends the connection.
    String askToTheEnd(String request) throws IOException {
        try (Client client = connect()) {
            client.say(request);
            return client.rest();
        }
    }

    long count(Count what) {
        return proxy.counters().of(what);
    }

    /// Gives up by itself: a limit of JUnit's only interrupts, which this would not notice.
    static void await(BooleanSupplier holds) {
        long from = System.nanoTime();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - from > LONGEST_NANOS) {
                throw new AssertionError("not within " + TimeUnit.NANOSECONDS.toSeconds(LONGEST_NANOS) + " s");
            }
            LockSupport.parkNanos(500_000);
        }
    }

    @Override
    public void close() {
        proxy.close();
        vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }

    /// A client that writes what it likes and reads responses framed by Content-Length.
    static final class Client implements AutoCloseable {
        final Socket socket;
        final InputStream in;

        Client(Socket socket) throws IOException {
            this.socket = socket;
            in = new BufferedInputStream(socket.getInputStream());
        }

        void say(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        String head() throws IOException {
            return ScriptedOrigin.readHead(in);
        }

        String response() throws IOException {
            String head = head();
            int at = head.toLowerCase(Locale.ROOT).indexOf("content-length: ");
            if (at < 0) {
                return head;
            }
            return head + read(Integer.parseInt(head.substring(at + 16, head.indexOf('\r', at))));
        }

        String read(int bytes) throws IOException {
            return new String(in.readNBytes(bytes), StandardCharsets.ISO_8859_1);
        }

        String rest() throws IOException {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
