package io.pm2j.daemon.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import io.pm2j.config.spec.edge.BalanceSpec;
import io.pm2j.config.spec.edge.PagesSpec.Maintenance;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.admission.Admission;
import io.pm2j.proxy.forward.ProxyOptions;
import io.pm2j.proxy.forward.Target;
import io.pm2j.proxy.transport.Transport;
import io.pm2j.proxy.upstream.QueueSpec;
import io.pm2j.proxy.upstream.Upstream;
import io.pm2j.supervisor.traffic.Drained;
import io.pm2j.supervisor.traffic.Endpoint;
import io.pm2j.supervisor.traffic.Reach;
import io.pm2j.supervisor.traffic.TrafficGate.AddressTaken;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What becomes of the upstreams of doors that were closed and routes that are gone. The worker is played by the test.
@Timeout(180)
class ProxyTrafficGateIT {
    private static final AppName APP = new AppName("app");
    private static final Address.Tcp ANY = new Address.Tcp("127.0.0.1", 0);
    private static final AppUpstreams.Wanted ROUTE = new AppUpstreams.Wanted(
            APP,
            "r",
            new BalanceSpec(new BalanceSpec.Policy.RoundRobin(), Optional.empty(), Duration.ZERO, OptionalInt.of(100)),
            Optional.empty());

    private final Vertx vertx = Transport.wanted("auto").vertx(new VertxOptions().setEventLoopPoolSize(2));
    private final Proxy proxy = Proxy.start(vertx, ProxyOptions.defaults());
    private final ProxyTrafficGate gate = new ProxyTrafficGate(proxy, () -> new Leaving(proxy, Duration.ofMillis(200)));
    private ServerSocket worker;

    @BeforeEach
    void listen() throws IOException {
        worker = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        worker.setSoTimeout(60_000);
    }

    @AfterEach
    void end() throws Exception {
        worker.close();
        proxy.close();
        vertx.close().await(60, TimeUnit.SECONDS);
    }

    private Set<Endpoint> at(Address listener) {
        return Set.of(new Endpoint(listener, 7, 0, new Reach.At(new Address.Tcp("127.0.0.1", worker.getLocalPort()))));
    }

    private static Socket ask(Address at) throws IOException {
        Socket socket = new Socket("127.0.0.1", ((Address.Tcp) at).port());
        socket.setSoTimeout(60_000);
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /// The worker's end of the request that has come.
    private Socket taken() throws IOException {
        Socket one = worker.accept();
        InputStream in = one.getInputStream();
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            head.append((char) in.read());
        }
        return one;
    }

    private static void answer(Socket taken) throws IOException {
        taken.getOutputStream()
                .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII));
    }

    private static String answerOf(Socket client) throws IOException {
        StringBuilder all = new StringBuilder();
        while (!all.toString().endsWith("\r\n\r\nok")) {
            int c = client.getInputStream().read();
            if (c < 0) {
                break;
            }
            all.append((char) c);
        }
        return all.toString();
    }

    private static String statusOf(Socket client) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = client.getInputStream().read();
                c >= 0 && c != '\r';
                c = client.getInputStream().read()) {
            line.append((char) c);
        }
        return line.toString();
    }

    private static void await(BooleanSupplier holds) {
        long from = System.nanoTime();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() - from).as("nanoseconds").isLessThan(TimeUnit.SECONDS.toNanos(120));
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void whatIsUnderWayAtAClosedDoorIsWaitedForAndTheDoorsUpstreamGoes() throws Exception {
        Address door = gate.open(APP, ANY);
        gate.admit(APP, at(door));
        try (Socket client = ask(door);
                Socket taken = taken()) {
            gate.keep(APP, Set.of());
            gate.admit(APP, Set.of());

            assertThat(gate.awaitIdle(APP, 7, Duration.ofMillis(600))).isEqualTo(new Drained.TimedOut(1));
            answer(taken);
            assertThat(answerOf(client)).startsWith("HTTP/1.1 200 ");
            assertThat(gate.awaitIdle(APP, 7, Duration.ofSeconds(60))).isInstanceOf(Drained.Idle.class);
        }
        await(() -> proxy.upstreams() == 0);
    }

    @Test
    void whatIsUnderWayByARouteThatIsGoneIsWaitedForAndItsUpstreamGoes() throws Exception {
        Upstream upstream = gate.of(ROUTE);
        gate.become(Set.of(ROUTE));
        Address door = proxy.listen(ANY, new Target.App(upstream)).address();
        gate.admit(APP, at(door));
        try (Socket client = ask(door);
                Socket taken = taken()) {
            gate.become(Set.of());
            assertThat(proxy.upstreams()).isEqualTo(1);
            // The route was met, and the request is given to the worker although the route is gone.
            try (Socket late = ask(door);
                    Socket lateTaken = taken()) {
                answer(lateTaken);
                assertThat(answerOf(late)).startsWith("HTTP/1.1 200 ");
            }

            gate.admit(APP, Set.of());
            assertThat(gate.awaitIdle(APP, 7, Duration.ofMillis(600))).isEqualTo(new Drained.TimedOut(1));
            answer(taken);
            assertThat(answerOf(client)).startsWith("HTTP/1.1 200 ");
            assertThat(gate.awaitIdle(APP, 7, Duration.ofSeconds(60))).isInstanceOf(Drained.Idle.class);
        }
        await(() -> proxy.upstreams() == 0);
    }

    @Test
    void aRouteThatComesBackLeadsToTheWorkers() throws Exception {
        gate.admit(APP, at(ANY));
        Upstream first = gate.of(ROUTE);
        gate.become(Set.of(ROUTE));
        gate.become(Set.of());

        Upstream second = gate.of(ROUTE);
        gate.become(Set.of(ROUTE));

        assertThat(second).isNotSameAs(first);
        assertThat(second.size()).isEqualTo(1);
        assertThat(second.spec().balance()).isEqualTo(ROUTE.balance());
        await(() -> proxy.upstreams() == 1);
        assertThat(gate.of(ROUTE)).isSameAs(second);
    }

    @Test
    void aDoorThatCannotBeOpenedLeavesNothing() throws Exception {
        try (ServerSocket holder = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Address.Tcp wanted = new Address.Tcp("127.0.0.1", holder.getLocalPort());
            assertThat(catchThrowable(() -> gate.open(APP, wanted))).hasMessageContaining("in use");
        }
        assertThat(proxy.upstreams()).isZero();
    }

    /// A request that is let in waits longer than its client.
    @Test
    void maintenanceThatBeginsWhileADoorIsBeingOpenedClosesIt() throws Exception {
        Admission plain = Admission.closed(Maintenance.PLAIN);
        for (int round = 0; round < 10; round++) {
            gate.hold(APP, Duration.ofSeconds(50));
            CompletableFuture<Address> opening = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                try {
                    opening.complete(gate.open(APP, ANY));
                } catch (AddressTaken | RuntimeException e) {
                    opening.completeExceptionally(e);
                }
            });
            await(() -> proxy.upstreams() == 1);
            gate.close(APP, Optional.of(plain));

            try (Socket client = ask(opening.get(60, TimeUnit.SECONDS))) {
                assertThat(statusOf(client)).startsWith("HTTP/1.1 503 ");
            }
            gate.close(APP, Optional.empty());
            gate.keep(APP, Set.of());
            await(() -> proxy.upstreams() == 0);
        }
    }

    @Test
    void aDoorThatIsOpenedWhileNobodyIsExpectedAnswersAtOnce() throws Exception {
        gate.hold(APP, Duration.ofSeconds(50));
        gate.expect(APP, false);
        Address door = gate.open(APP, ANY);

        try (Socket client = ask(door)) {
            assertThat(statusOf(client)).startsWith("HTTP/1.1 503 ");
        }
    }

    @Test
    void anAppThatComesAfterOneOfThatNameHoldsRequestsForTheUsualTime() {
        gate.hold(APP, Duration.ofSeconds(90));
        gate.become(Set.of(ROUTE));
        Upstream upstream = gate.of(ROUTE);
        assertThat(upstream.spec().queue().age()).isEqualTo(Duration.ofSeconds(90));

        gate.forget(APP);

        assertThat(upstream.spec().queue()).isEqualTo(QueueSpec.DEFAULT);
        gate.become(Set.of());
        gate.become(Set.of(ROUTE));
        assertThat(gate.of(ROUTE).spec().queue()).isEqualTo(QueueSpec.DEFAULT);
    }
}
