package io.pm2j.proxy.datagram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.config.Address;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.forward.Count;
import io.pm2j.proxy.forward.ProxyOptions;
import io.pm2j.proxy.listen.ListenFailed;
import io.pm2j.proxy.upstream.Drained;
import io.pm2j.proxy.upstream.EndpointSpec;
import io.pm2j.proxy.upstream.Origin;
import io.pm2j.proxy.upstream.Upstream;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Datagrams through the edge, over real sockets.
@Timeout(180)
final class DatagramIT {
    private final List<AutoCloseable> open = new ArrayList<>();
    private Vertx vertx = Vertx.vertx();
    private Proxy proxy = start(true, 2);
    private Upstream app = proxy.upstream("app");

    private Proxy start(boolean epoll, int loops) {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(epoll).setEventLoopPoolSize(loops));
        return Proxy.start(vertx, ProxyOptions.defaults());
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        proxy.close();
        vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }

    /// Answers each datagram with its name and what came; `quit` ends it.
    private final class Worker implements AutoCloseable {
        final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        private final Thread thread;

        Worker(String name) throws SocketException {
            open.add(this);
            thread = Thread.ofPlatform().start(() -> {
                byte[] buffer = new byte[65_535];
                try {
                    for (; ; ) {
                        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                        socket.receive(packet);
                        byte[] answer = (name + text(packet)).getBytes(StandardCharsets.ISO_8859_1);
                        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                    }
                } catch (IOException closed) {
                    // The test is over, or it wants nobody here.
                }
            });
        }

        EndpointSpec at(long id) {
            return DatagramIT.at(id, socket.getLocalPort());
        }

        @Override
        public void close() {
            socket.close();
            // The descriptor lives as long as somebody waits at it.
            await(() -> !thread.isAlive());
        }
    }

    private static String text(DatagramPacket packet) {
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.ISO_8859_1);
    }

    private static EndpointSpec at(long id, int port) {
        return new EndpointSpec(id, new Origin.At(new Address.Tcp("127.0.0.1", port)));
    }

    private DatagramListener listen(DatagramOptions options) throws Exception {
        return proxy.datagrams(new Address.Tcp("127.0.0.1", 0), app, options);
    }

    private DatagramSocket client(DatagramListener to) throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        socket.connect(new InetSocketAddress("127.0.0.1", to.address().port()));
        socket.setSoTimeout(60_000);
        open.add(socket);
        return socket;
    }

    /// A port that is taken, and where datagrams are refused: its socket hears one peer alone.
    private int nobody() throws IOException {
        DatagramSocket held = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        held.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), 9));
        open.add(held);
        return held.getLocalPort();
    }

    private static void send(DatagramSocket client, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        client.send(new DatagramPacket(bytes, bytes.length));
    }

    private static String receive(DatagramSocket client) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
        client.receive(packet);
        return text(packet);
    }

    private static String ask(DatagramSocket client, String text) throws IOException {
        send(client, text);
        return receive(client);
    }

    private long count(Count what) {
        return proxy.counters().of(what);
    }

    private static void await(BooleanSupplier holds) {
        long from = System.nanoTime();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() - from).as("nanoseconds").isLessThan(TimeUnit.SECONDS.toNanos(120));
            LockSupport.parkNanos(500_000);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClientIsAnswered(boolean epoll) throws Exception {
        proxy.close();
        proxy = start(epoll, 2);
        app = proxy.upstream("app");
        app.admit(Set.of(new Worker("a").at(1)));
        DatagramSocket client = client(listen(DatagramOptions.defaults()));

        assertThat(ask(client, " hello")).isEqualTo("a hello");
        assertThat(ask(client, "x".repeat(60_000))).hasSize(60_001);
        assertThat(count(Count.DATAGRAMS_FROM_CLIENTS)).isEqualTo(2);
        await(() -> count(Count.DATAGRAMS_TO_CLIENTS) == 2);
        assertThat(proxy.counters().openDatagramSessions()).isEqualTo(1);
    }

    @Test
    void everyInterfaceIsOneAddress() throws Exception {
        app.admit(Set.of(new Worker("a").at(1)));
        DatagramListener listener = proxy.datagrams(Address.anyInterface(0), app, DatagramOptions.defaults());

        assertThat(ask(client(listener), "!")).isEqualTo("a!");
    }

    @Test
    void aClientStaysWithItsWorkerAndClientsAreShared() throws Exception {
        app.admit(Set.of(new Worker("a").at(1), new Worker("b").at(2)));
        DatagramListener listener = listen(DatagramOptions.defaults());
        Set<String> seen = new HashSet<>();

        for (int i = 0; i < 12; i++) {
            DatagramSocket client = client(listener);
            String first = ask(client, "1");
            seen.add(first);
            for (int n = 0; n < 5; n++) {
                assertThat(ask(client, "1")).isEqualTo(first);
            }
        }
        assertThat(seen).containsExactlyInAnyOrder("a1", "b1");
    }

    @Test
    void aSessionThatRestsIsForgotten() throws Exception {
        Worker worker = new Worker("a");
        app.admit(Set.of(worker.at(1)));
        DatagramSocket client = client(listen(new DatagramOptions(Duration.ofSeconds(2), 10)));

        assertThat(ask(client, "1")).isEqualTo("a1");
        await(() -> proxy.counters().openDatagramSessions() == 0);
        assertThat(ask(client, "2")).isEqualTo("a2");
        assertThat(count(Count.DATAGRAM_SESSIONS_OPENED)).isEqualTo(2);
    }

    @Test
    void theSessionThatRestedLongestMakesRoom() throws Exception {
        proxy.close();
        proxy = start(true, 1);
        app = proxy.upstream("app");
        app.admit(Set.of(new Worker("a").at(1)));
        DatagramListener listener = listen(new DatagramOptions(Duration.ofSeconds(30), 3));
        for (int i = 0; i < 10; i++) {
            assertThat(ask(client(listener), "x")).isEqualTo("ax");
        }

        assertThat(proxy.counters().openDatagramSessions()).isEqualTo(3);
        assertThat(count(Count.DATAGRAM_SESSIONS_DISPLACED)).isEqualTo(7);
    }

    @Test
    void aRefusedDatagramGoesToAnotherWorker() throws Exception {
        app.admit(Set.of(at(1, nobody()), new Worker("b").at(2)));
        DatagramListener listener = listen(DatagramOptions.defaults());

        for (int i = 0; i < 8; i++) {
            assertThat(ask(client(listener), "x")).isEqualTo("bx");
        }
        assertThat(count(Count.DATAGRAMS_REFUSED)).isPositive();
    }

    @Test
    void aWorkerThatDiesUnannouncedLosesNoDatagram() throws Exception {
        Worker first = new Worker("a");
        app.admit(Set.of(first.at(1)));
        DatagramSocket client = client(listen(DatagramOptions.defaults()));
        assertThat(ask(client, "1")).isEqualTo("a1");
        app.admit(Set.of(first.at(1), new Worker("b").at(2)));
        first.close();

        assertThat(ask(client, "2")).isEqualTo("b2");
    }

    @Test
    void nobodyAtAllDropsADatagramAndTheNextOneIsServed() throws Exception {
        app.admit(Set.of(at(1, nobody())));
        DatagramSocket client = client(listen(DatagramOptions.defaults()));
        send(client, "1");
        await(() -> count(Count.DATAGRAMS_DROPPED) == 1);
        app.admit(Set.of());
        send(client, "2");
        await(() -> count(Count.DATAGRAMS_DROPPED) == 2);
        app.admit(Set.of(new Worker("b").at(2)));

        assertThat(ask(client, "3")).isEqualTo("b3");
    }

    @Test
    void aDrainedWorkersClientsMoveOnAndItsLastAnswersArrive() throws Exception {
        Worker old = new Worker("a");
        app.admit(Set.of(old.at(1)));
        DatagramListener listener = listen(DatagramOptions.defaults());
        DatagramSocket client = client(listener);
        DatagramSocket silent = client(listener);
        assertThat(ask(client, "1")).isEqualTo("a1");
        assertThat(ask(silent, "1")).isEqualTo("a1");

        app.admit(Set.of(new Worker("b").at(2)));
        send(client, "2");
        assertThat(receive(client)).isEqualTo("b2");

        assertThat(app.awaitIdle(1, Duration.ofSeconds(60))).isInstanceOf(Drained.Idle.class);
        assertThat(ask(client, "3")).isEqualTo("b3");
        assertThat(ask(silent, "3")).isEqualTo("b3");
    }

    @Test
    void anAnswerUnderWayArrivesFromAWorkerThatIsNotAdmittedAnyMore() throws Exception {
        try (DatagramSocket slow = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            app.admit(Set.of(at(1, slow.getLocalPort())));
            DatagramSocket client = client(listen(DatagramOptions.defaults()));
            send(client, "late");
            DatagramPacket asked = new DatagramPacket(new byte[100], 100);
            slow.receive(asked);
            app.admit(Set.of(new Worker("b").at(2)));
            assertThat(ask(client, "2")).isEqualTo("b2");

            slow.send(asked);
            assertThat(receive(client)).isEqualTo("late");
        }
    }

    /// The session's socket is connected: what comes from elsewhere never reaches the client.
    @Test
    void onlyTheWorkerCanAnswer() throws Exception {
        try (DatagramSocket worker = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                DatagramSocket stranger = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            app.admit(Set.of(at(1, worker.getLocalPort())));
            DatagramSocket client = client(listen(DatagramOptions.defaults()));
            send(client, "1");
            DatagramPacket asked = new DatagramPacket(new byte[100], 100);
            worker.receive(asked);
            stranger.send(new DatagramPacket(new byte[] {'s'}, 1, asked.getSocketAddress()));
            worker.send(new DatagramPacket(new byte[] {'w'}, 1, asked.getSocketAddress()));

            assertThat(receive(client)).isEqualTo("w");
            client.setSoTimeout(200);
            assertThatThrownBy(() -> receive(client)).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void closingTheListenerGivesTheLeasesBack() throws Exception {
        app.admit(Set.of(new Worker("a").at(1)));
        DatagramListener listener = listen(DatagramOptions.defaults());
        assertThat(ask(client(listener), "1")).isEqualTo("a1");
        listener.close();
        app.admit(Set.of());

        assertThat(app.awaitIdle(1, Duration.ofSeconds(60))).isInstanceOf(Drained.Idle.class);
        await(() -> proxy.counters().openDatagramSessions() == 0);
    }

    @Test
    void anAddressThatIsTakenIsRefused() throws Exception {
        try (DatagramSocket other = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            Address.Tcp taken = new Address.Tcp("127.0.0.1", other.getLocalPort());

            assertThatThrownBy(() -> proxy.datagrams(taken, app, DatagramOptions.defaults()))
                    .isInstanceOfSatisfying(
                            ListenFailed.class, e -> assertThat(e.errno()).isEqualTo(98));
        }
        DatagramListener own = listen(DatagramOptions.defaults());
        assertThatThrownBy(() -> proxy.datagrams(own.address(), app, DatagramOptions.defaults()))
                .isInstanceOf(ListenFailed.class);
    }

    @Test
    void pythonWorkersAnswer() throws Exception {
        String program = """
                import os, socket
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.bind(('127.0.0.1', 0))
                print(s.getsockname()[1], flush=True)
                while True:
                    data, sender = s.recvfrom(65535)
                    s.sendto(str(os.getpid()).encode() + b' ' + data, sender)
                """;
        Set<EndpointSpec> workers = new HashSet<>();
        Set<String> pids = new HashSet<>();
        for (int id = 1; id <= 2; id++) {
            Process python = new ProcessBuilder("python3", "-c", program).start();
            open.add(() -> python.destroyForcibly().waitFor());
            BufferedReader out =
                    new BufferedReader(new InputStreamReader(python.getInputStream(), StandardCharsets.US_ASCII));
            workers.add(at(id, Integer.parseInt(out.readLine())));
            pids.add(python.pid() + " x");
        }
        app.admit(workers);
        DatagramListener listener = listen(DatagramOptions.defaults());
        Set<String> answers = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            answers.add(ask(client(listener), "x"));
        }

        assertThat(answers).isEqualTo(pids);
    }

    @Test
    void whoeverStopsNeedNotWaitForSessionsThatAreQuiet() throws Exception {
        app.admit(Set.of(new Worker("a").at(1)));
        DatagramListener listener = listen(DatagramOptions.defaults());
        DatagramSocket client = client(listener);
        assertThat(ask(client, "1")).isEqualTo("a1");

        proxy.stopAccepting();

        assertThat(app.awaitQuiet(Duration.ofSeconds(60))).isInstanceOf(Drained.Idle.class);
        assertThat(count(Count.DATAGRAM_SESSIONS_CLOSED)).isOne();
    }
}
