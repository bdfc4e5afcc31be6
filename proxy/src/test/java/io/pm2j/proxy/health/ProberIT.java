package io.pm2j.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.pm2j.config.Address;
import io.pm2j.config.spec.edge.HealthSpec;
import io.pm2j.proxy.transport.Transport;
import io.pm2j.proxy.upstream.Endpoint;
import io.pm2j.proxy.upstream.EndpointSnapshot;
import io.pm2j.proxy.upstream.EndpointSpec;
import io.pm2j.proxy.upstream.LoopAgent;
import io.pm2j.proxy.upstream.Origin;
import io.pm2j.proxy.upstream.Upstream;
import io.pm2j.proxy.upstream.UpstreamSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Probes of real servers, and what follows from them.
@Timeout(180)
final class ProberIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final EventLoop events = (EventLoop) group.next();
    private final Prober prober = new Prober(events, Transport.EPOLL);
    private final AtomicInteger status = new AtomicInteger(200);
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicReference<String> agent = new AtomicReference<>("");
    private final HttpServer server;

    ProberIT() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/health", exchange -> {
            asked.incrementAndGet();
            agent.set(exchange.getRequestHeaders().getFirst("User-Agent"));
            exchange.sendResponseHeaders(status.get(), -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static Origin at(int port) {
        return new Origin.At(new Address.Tcp("127.0.0.1", port));
    }

    private Origin healthy() {
        return at(server.getAddress().getPort());
    }

    private ProbeResult ask(Origin origin, Duration timeout) {
        return prober.ask(origin, "/health?x=1", timeout).toCompletableFuture().join();
    }

    @Test
    void tellsTheStatus() {
        assertThat(ask(healthy(), LONG)).isInstanceOfSatisfying(ProbeResult.Answered.class, a -> {
            assertThat(a.status()).isEqualTo(200);
            assertThat(a.took()).isBetween(Duration.ofNanos(1), LONG);
        });
        status.set(503);
        assertThat(ask(healthy(), LONG))
                .isInstanceOfSatisfying(
                        ProbeResult.Answered.class, a -> assertThat(a.status()).isEqualTo(503));
        assertThat(agent.get()).isEqualTo("pm2j-probe");
    }

    @Test
    void asksOverAUnixSocketAndSkipsInterimAnswers(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("s");
        try (ServerSocketChannel unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            unix.bind(UnixDomainSocketAddress.of(path));
            CompletableFuture<Void> served = CompletableFuture.runAsync(() ->
                    answer(unix, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"));
            ProbeResult result = ask(new Origin.At(new Address.Unix(path.toString())), LONG);
            assertThat(result)
                    .isInstanceOfSatisfying(
                            ProbeResult.Answered.class,
                            a -> assertThat(a.status()).isEqualTo(204));
            served.join();
        }
    }

    private static void answer(ServerSocketChannel listening, String text) {
        try (SocketChannel client = listening.accept()) {
            client.read(ByteBuffer.allocate(4_096));
            for (byte b : text.getBytes(StandardCharsets.US_ASCII)) {
                client.write(ByteBuffer.wrap(new byte[] {b}));
            }
            client.read(ByteBuffer.allocate(1));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void tellsWhyThereIsNoAnswer() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            assertThat(why(ask(at(silent.getLocalPort()), Duration.ofMillis(100))))
                    .isEqualTo("no answer within 100 ms");
        }
        int nobody;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = closed.getLocalPort();
        }
        assertThat(why(ask(at(nobody), LONG))).startsWith("no connection: ");
        assertThat(why(ask(
                        new Origin.Dialed(client -> {
                            throw new IOException("the worker has left");
                        }),
                        LONG)))
                .isEqualTo("no connection: the worker has left");
        assertThat(why(ask(new Origin.At(new Address.Tcp("a.example", 80)), LONG)))
                .startsWith("no connection: ");
        assertThat(why(talk("SSH-2.0-x\r\n\r\n"))).startsWith("no HTTP: ");
        assertThat(why(talk("HTTP/1.1 200"))).isEqualTo("the connection ended before an answer");
    }

    private ProbeResult talk(String text) throws IOException {
        try (ServerSocket talking = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (var client = talking.accept()) {
                    client.getInputStream().read(new byte[1_024]);
                    client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    // The answer was enough.
                }
            });
            return ask(at(talking.getLocalPort()), LONG);
        }
    }

    private static String why(ProbeResult result) {
        return result instanceof ProbeResult.Failed(String why, Duration took) ? why : result.toString();
    }

    // ---- what follows ----------------------------------------------------------------------------

    private Upstream upstream(UpstreamSpec spec) {
        LoopAgent loop = new LoopAgent() {
            @Override
            public void wake(Upstream upstream) {
                events.execute(() -> upstream.serve(0));
            }

            @Override
            public void closeIdle(Endpoint endpoint, Runnable closed) {
                events.execute(closed);
            }

            @Override
            public void after(long nanos, Runnable task) {
                prober.after(nanos, task);
            }
        };
        return new Upstream(spec, List.of(loop), HealthWatch.among(List.of(prober)));
    }

    private static HealthSpec quick() {
        return new HealthSpec("/health", Duration.ofMillis(500), Duration.ofMillis(500), 2, 3, 200, 399);
    }

    private static EndpointSnapshot of(Upstream upstream, long id) {
        return upstream.endpoints().stream()
                .filter(e -> e.id() == id)
                .findFirst()
                .orElseThrow();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 6_000 && !condition.getAsBoolean(); i++) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    @Test
    void takesOutWhatIsNotWellAndBringsItBack() throws Exception {
        Upstream upstream = upstream(UpstreamSpec.named("app"));
        upstream.admit(Set.of(new EndpointSpec(1, healthy()), new EndpointSpec(2, healthy())));
        assertThat(of(upstream, 1).well()).isTrue();
        assertThat(asked).hasValue(0);

        HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        other.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        other.start();
        try {
            status.set(500);
            upstream.admit(Set.of(
                    new EndpointSpec(1, healthy()),
                    new EndpointSpec(2, at(other.getAddress().getPort()))));
            upstream.describe(UpstreamSpec.named("app").withHealth(Optional.of(quick())));
            await(() -> !of(upstream, 1).well());
            assertThat(of(upstream, 1).open()).isFalse();
            assertThat(of(upstream, 2).open()).isTrue();
            assertThat(upstream.size()).isEqualTo(1);
            status.set(200);
            await(() -> of(upstream, 1).open());
            upstream.admit(Set.of());
            int before = asked.get();
            TimeUnit.MILLISECONDS.sleep(1_200);
            assertThat(asked.get()).as("nobody asks who has left").isLessThanOrEqualTo(before + 1);
        } finally {
            other.stop(0);
        }
    }

    @Test
    void neverTakesTheLastOneOut() throws Exception {
        Upstream upstream = upstream(UpstreamSpec.named("app").withHealth(Optional.of(quick())));
        status.set(500);
        upstream.admit(Set.of(new EndpointSpec(1, healthy())));
        await(() -> !of(upstream, 1).well());
        assertThat(of(upstream, 1).open()).isTrue();
        assertThat(upstream.size()).isEqualTo(1);
    }

    @Test
    void failuresEjectForAWhile() throws Exception {
        Upstream upstream = upstream(UpstreamSpec.named("app"));
        upstream.admit(Set.of(new EndpointSpec(1, healthy()), new EndpointSpec(2, healthy())));
        EndpointSnapshot ejected = events.submit(() -> {
                    Endpoint bad = null;
                    while (bad == null) {
                        Endpoint claimed = Objects.requireNonNull(upstream.claim(0, null));
                        claimed.release(0);
                        bad = claimed.spec().id() == 1 ? claimed : null;
                    }
                    for (int i = 0; i < 5; i++) {
                        bad.observe(0, 1_000, false);
                    }
                    return of(upstream, 1);
                })
                .get();
        assertThat(ejected.open()).isFalse();
        assertThat(ejected.ejectedFor()).isBetween(Duration.ofNanos(1), Duration.ofMillis(1_200));
        assertThat(upstream.ejections()).isEqualTo(1);
        await(() -> of(upstream, 1).open());
        assertThat(of(upstream, 1).ejectedFor()).isZero();
    }
}
