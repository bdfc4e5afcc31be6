package io.pm2j.daemon.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import io.pm2j.config.read.EdgeText;
import io.pm2j.config.spec.edge.BalanceSpec;
import io.pm2j.daemon.traffic.AccessLogFiles;
import io.pm2j.daemon.traffic.AppUpstreams;
import io.pm2j.daemon.traffic.ProxyTrafficGate;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.forward.ProxyOptions;
import io.pm2j.proxy.transport.Transport;
import io.pm2j.proxy.upstream.Upstream;
import io.pm2j.supervisor.traffic.Endpoint;
import io.pm2j.supervisor.traffic.Reach;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What files ask of the edge, taken up and changed on a running proxy.
@Timeout(60)
class EdgeDeskIT {
    private static final AppName WEB = new AppName("web");
    private static final Address DOOR = new Address.Tcp("127.0.0.1", 1);

    @TempDir
    Path folder;

    private final Vertx vertx = Transport.wanted("auto").vertx(new VertxOptions().setEventLoopPoolSize(2));
    private final Proxy proxy = Proxy.start(vertx, ProxyOptions.defaults());
    private final ProxyTrafficGate gate = new ProxyTrafficGate(proxy);
    private final Flaky apps = new Flaky();
    private final List<Server> servers = new ArrayList<>();
    private AccessLogFiles logs;
    private EdgeDesk desk;
    private int port;

    /// The gate, which fails when a test says so.
    private final class Flaky implements AppUpstreams {
        private final AtomicReference<Optional<RuntimeException>> next = new AtomicReference<>(Optional.empty());
        private final Map<String, Upstream> made = new ConcurrentHashMap<>();

        @Override
        public Upstream of(Wanted wanted) {
            Upstream upstream = gate.of(wanted);
            made.put(wanted.route(), upstream);
            return upstream;
        }

        @Override
        public void become(Set<Wanted> all) {
            Optional<RuntimeException> failure = next.getAndSet(Optional.empty());
            if (failure.isPresent()) {
                throw failure.get();
            }
            gate.become(all);
        }
    }

    /// Answers each request with its name, when it may.
    private final class Server implements AutoCloseable {
        final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        final CountDownLatch asked = new CountDownLatch(1);
        volatile CountDownLatch mayAnswer = new CountDownLatch(0);

        Server(String name) throws IOException {
            servers.add(this);
            Thread.ofVirtual().start(() -> {
                try {
                    for (; ; ) {
                        Socket one = socket.accept();
                        Thread.ofVirtual().start(() -> serve(one, name));
                    }
                } catch (IOException e) {
                    // The test is over.
                }
            });
        }

        private void serve(Socket one, String name) {
            try (one) {
                StringBuilder head = new StringBuilder();
                for (int c = one.getInputStream().read();
                        c >= 0;
                        c = one.getInputStream().read()) {
                    head.append((char) c);
                    if (head.toString().endsWith("\r\n\r\n")) {
                        int who = head.indexOf("x-who: ");
                        String body = who < 0 ? name : name + " " + head.substring(who + 7, head.indexOf("\r", who));
                        head.setLength(0);
                        asked.countDown();
                        mayAnswer.await();
                        String answer = "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
                        one.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                    }
                }
            } catch (IOException | InterruptedException e) {
                // The edge has closed it.
            }
        }

        Endpoint as(long worker) {
            return new Endpoint(
                    DOOR, worker, 0, new Reach.At(new Address.Tcp("127.0.0.1", socket.getLocalPort())));
        }

        @Override
        public void close() throws IOException {
            mayAnswer.countDown();
            socket.close();
        }
    }

    @BeforeEach
    void open() throws IOException {
        logs = new AccessLogFiles(folder, proxy::openAccessLog);
        desk = new EdgeDesk(proxy, apps, logs, journal());
        port = freePort();
    }

    @AfterEach
    void end() throws Exception {
        desk.forgetAll();
        for (Server server : servers) {
            server.close();
        }
        proxy.close();
        logs.close();
        vertx.close().await(30, TimeUnit.SECONDS);
    }

    private EdgeJournal journal() {
        return new EdgeJournal(folder.resolve("edge.json"));
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    private EdgeText text(String edge) {
        return new EdgeText(
                "{\"apps\": [{\"name\": \"web\"}], \"edge\": " + edge.replace('\'', '"') + "}", folder, folder);
    }

    /// A listener at the port of this test, with these routes.
    private EdgeText routes(String... routes) {
        return text("{'listeners': ['127.0.0.1:" + port + "'], 'routes': [" + String.join(", ", routes) + "]}");
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static void ask(Socket socket, String path, String more) throws IOException {
        String request = "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    }

    private String ask(String path, String... lines) throws IOException {
        try (Socket socket = connect()) {
            ask(socket, path, String.join("", lines) + "Connection: close\r\n");
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private static boolean listens(int at) {
        try (Socket _ = new Socket("127.0.0.1", at)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void await(BooleanSupplier holds) {
        while (!holds.getAsBoolean()) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void aRefusedChangeLeavesBalanceAndHealthAsTheyWere() throws Exception {
        gate.admit(WEB, Set.of(new Server("web").as(1)));
        desk.apply(file("a.json"), routes("{'name': 'a', 'path': '/a', 'balance': 'round_robin'}"));
        Upstream upstream = Objects.requireNonNull(apps.made.get("a of " + file("a.json")));
        BalanceSpec before = upstream.spec().balance();

        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            EdgeText clash = text("{'listeners': ['127.0.0.1:" + port + "', '127.0.0.1:" + taken.getLocalPort()
                    + "'], 'routes': [{'name': 'a', 'path': '/a', 'balance': 'least', 'health': '/well'},"
                    + "{'name': 'b', 'path': '/b', 'balance': 'least'}]}");
            assertThatThrownBy(() -> desk.apply(file("a.json"), clash)).isInstanceOf(EdgeRefused.class);
        }

        assertThat(before.policy()).isEqualTo(new BalanceSpec.Policy.RoundRobin());
        assertThat(upstream.spec().balance()).isEqualTo(before);
        assertThat(upstream.spec().health()).isEmpty();
        assertThat(proxy.upstreams()).as("what was made for it is gone").isEqualTo(1);
        assertThat(ask("/a")).endsWith("web");
    }

    @Test
    void aChangeThatFailsHalfwayIsTakenBack() throws Exception {
        gate.admit(WEB, Set.of(new Server("web").as(1)));
        desk.apply(file("a.json"), routes("{'path': '/a'}"));
        int more = freePort();
        EdgeText wider = text("{'listeners': ['127.0.0.1:" + port + "', '127.0.0.1:" + more
                + "'], 'routes': [{'path': '/b'}, {'path': '/c', 'upstream': 'http://127.0.0.1:1'}]}");
        apps.next.set(Optional.of(new IllegalStateException("thrown by the test")));

        assertThatThrownBy(() -> desk.apply(file("a.json"), wider)).hasMessage("thrown by the test");

        assertThat(listens(more)).isFalse();
        assertThat(ask("/a")).endsWith("web");
        assertThat(ask("/b")).startsWith("HTTP/1.1 404 ");
        desk.apply(file("a.json"), wider);
        assertThat(listens(more)).isTrue();
        assertThat(ask("/b")).endsWith("web");
    }

    @Test
    void aRefusedChangeBringsBackTheNewestRoutesNotOlderOnes() throws Exception {
        desk.apply(file("a.json"), routes("{'path': '/', 'respond': 'one'}"));
        desk.apply(file("a.json"), routes("{'path': '/', 'respond': 'two'}"));

        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // The first listener has to be closed and opened anew, the second one cannot be had.
            EdgeText clash = text("{'trusted_proxies': ['127.0.0.1'], 'listeners': [{'address': '127.0.0.1:" + port
                    + "', 'proxy_protocol': true}, '127.0.0.1:" + taken.getLocalPort()
                    + "'], 'routes': [{'path': '/', 'respond': 'three'}]}");
            assertThatThrownBy(() -> desk.apply(file("a.json"), clash)).isInstanceOf(EdgeRefused.class);
        }

        assertThat(ask("/")).endsWith("two");
    }

    @Test
    void routesOfOneNameInTwoFilesHaveTheirOwnServers() throws Exception {
        int one = new Server("one").socket.getLocalPort();
        int two = new Server("two").socket.getLocalPort();
        desk.apply(file("a.json"), routes("{'name': 'x', 'path': '/a', 'upstream': 'http://127.0.0.1:" + one + "'}"));
        desk.apply(file("b.json"), routes("{'name': 'x', 'path': '/b', 'upstream': 'http://127.0.0.1:" + two + "'}"));

        for (int i = 0; i < 4; i++) {
            assertThat(ask("/a")).endsWith("one");
            assertThat(ask("/b")).endsWith("two");
        }
        desk.apply(file("a.json"), EdgeText.none(folder));
        assertThat(ask("/b")).endsWith("two");
    }

    @Test
    void aFileWaitsForItsAppsAndGoesWithTheLast() throws Exception {
        desk.apply(file("a.json"), routes("{'path': '/', 'app': 'web'}"));

        desk.settle(Set.of(new AppName("other")));
        assertThat(listens(port)).as("its apps come later").isTrue();

        desk.settle(Set.of(WEB));
        desk.settle(Set.of());
        assertThat(listens(port)).isFalse();
    }

    @Test
    void whatCannotBeHadAtBootIsKeptAndServedOnceItCan() throws Exception {
        desk.apply(file("a.json"), routes("{'path': '/', 'respond': 'here'}"));
        proxy.stopAccepting();
        EdgeDesk next = new EdgeDesk(proxy, apps, logs, journal());
        List<String> told = new ArrayList<>();
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
            next.revive(told::add);
            assertThat(told).singleElement().asString().contains("a.json is not served yet", "" + port);
            // Another file is applied, and the journal is written: both are in it.
            next.apply(file("b.json"), text("{'listeners': ['127.0.0.1:" + freePort()
                    + "'], 'routes': [{'path': '/', 'respond': 'b'}]}"));
            assertThat(journal().read(told::add)).containsOnlyKeys(file("a.json"), file("b.json"));
            assertThat(taken.isBound()).isTrue();
        }

        await(() -> listens(port));

        assertThat(ask("/")).endsWith("here");
        assertThat(journal().read(told::add)).containsOnlyKeys(file("a.json"), file("b.json"));
        next.forgetAll();
        assertThat(journal().read(told::add)).isEmpty();
    }

    @Test
    void anEditOfTheTrustedProxiesCountsForConnectionsThatThereAre() throws Exception {
        gate.admit(WEB, Set.of(new Server("web").as(1)));
        String forwarded = "X-Forwarded-For: 192.0.2.7\r\n";
        desk.apply(file("a.json"), routes("{'path': '/', 'request_headers': {'set': {'x-who': '{client_ip}'}}}"));
        try (Socket kept = connect()) {
            assertThat(oneAnswer(kept, forwarded)).endsWith("web 127.0.0.1");

            desk.apply(
                    file("a.json"),
                    text("{'trusted_proxies': ['127.0.0.1'], 'listeners': ['127.0.0.1:" + port
                            + "'], 'routes': [{'path': '/', 'request_headers': {'set': {'x-who': '{client_ip}'}}}]}"));
            assertThat(oneAnswer(kept, forwarded)).endsWith("web 192.0.2.7");

            desk.apply(file("a.json"), routes("{'path': '/', 'request_headers': {'set': {'x-who': '{client_ip}'}}}"));
            assertThat(oneAnswer(kept, forwarded)).endsWith("web 127.0.0.1");
        }
    }

    private static String oneAnswer(Socket kept, String more) throws IOException {
        ask(kept, "/", more);
        StringBuilder all = new StringBuilder();
        int length = -1;
        while (length < 0 || all.length() < length) {
            all.append((char) kept.getInputStream().read());
            if (length < 0 && all.toString().endsWith("\r\n\r\n")) {
                String head = all.toString().toLowerCase(java.util.Locale.ROOT);
                int at = head.indexOf("content-length: ") + 16;
                length = all.length() + Integer.parseInt(head.substring(at, head.indexOf('\r', at)));
            }
        }
        return all.toString();
    }

    @Test
    void aStopWaitsForServersOutside() throws Exception {
        Server outside = new Server("late");
        outside.mayAnswer = new CountDownLatch(1);
        desk.apply(
                file("a.json"),
                routes("{'path': '/', 'upstream': 'http://127.0.0.1:" + outside.socket.getLocalPort() + "'}"));
        try (Socket client = connect()) {
            ask(client, "/", "");
            outside.asked.await();
            Thread stopping = Thread.ofVirtual().start(() -> {
                try {
                    gate.shut(Duration.ofSeconds(30));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            await(() -> !listens(port));
            assertThat(stopping.join(Duration.ofMillis(300))).isFalse();

            outside.mayAnswer.countDown();

            assertThat(stopping.join(Duration.ofSeconds(30))).isTrue();
            proxy.close();
            assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 200 ")
                    .endsWith("late");
        }
    }

    @Test
    void aStopWaitsForFilesOnTheirWay() throws Exception {
        byte[] large = new byte[32 * 1024 * 1024];
        Files.write(Files.createDirectories(folder.resolve("public")).resolve("large.bin"), large);
        desk.apply(file("a.json"), routes("{'path': '/', 'static': 'public'}"));
        try (Socket client = connect()) {
            ask(client, "/large.bin", "");
            client.getInputStream().readNBytes(1024);
            Thread stopping = Thread.ofVirtual().start(() -> {
                try {
                    gate.shut(Duration.ofSeconds(30));
                    proxy.close();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            await(() -> !listens(port));
            assertThat(stopping.join(Duration.ofMillis(300))).isFalse();

            assertThat(client.getInputStream().readAllBytes().length).isGreaterThan(large.length - 1024);
            assertThat(stopping.join(Duration.ofSeconds(30))).isTrue();
        }
    }
}
