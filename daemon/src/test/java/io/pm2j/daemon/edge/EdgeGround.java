package io.pm2j.daemon.edge;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import io.pm2j.config.read.EdgeText;
import io.pm2j.daemon.FreePorts;
import io.pm2j.daemon.traffic.AccessLogFiles;
import io.pm2j.daemon.traffic.AppUpstreams;
import io.pm2j.daemon.traffic.ProxyTrafficGate;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.forward.ProxyOptions;
import io.pm2j.proxy.transport.Transport;
import io.pm2j.proxy.upstream.StickyKey;
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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// A running proxy, the desk that takes up what files ask, and servers that answer with their names.
final class EdgeGround implements AutoCloseable {
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(40);
    static final AppName WEB = new AppName("web");
    private static final Address DOOR = new Address.Tcp("127.0.0.1", 1);

    final Path folder;
    final Vertx vertx = Transport.wanted("auto").vertx(new VertxOptions().setEventLoopPoolSize(2));
    final Proxy proxy = Proxy.start(vertx, ProxyOptions.defaults());
    final ProxyTrafficGate gate = new ProxyTrafficGate(proxy);
    final Flaky apps = new Flaky();
    private final List<Server> servers = new ArrayList<>();
    final AccessLogFiles logs;
    final EdgeDesk desk;
    final int port;

    /// The gate, which fails when a test says so.
    final class Flaky implements AppUpstreams {
        final AtomicReference<Optional<RuntimeException>> next = new AtomicReference<>(Optional.empty());
        final Map<String, Upstream> made = new ConcurrentHashMap<>();

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
    final class Server implements AutoCloseable {
        final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        final CountDownLatch asked = new CountDownLatch(1);
        volatile CountDownLatch mayAnswer = new CountDownLatch(0);

        Server(String name) throws IOException {
            this(name, "");
        }

        /// `before` comes before each answer.
        Server(String name, String before) throws IOException {
            servers.add(this);
            Thread.ofVirtual().start(() -> {
                try {
                    for (; ; ) {
                        Socket one = socket.accept();
                        Thread.ofVirtual().start(() -> serve(one, name, before));
                    }
                } catch (IOException e) {
                    // The test is over.
                }
            });
        }

        private void serve(Socket one, String name, String before) {
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
                        String answer =
                                before + "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
                        one.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                    }
                }
            } catch (IOException | InterruptedException e) {
                // The edge has closed it.
            }
        }

        int port() {
            return socket.getLocalPort();
        }

        Endpoint as(long worker) {
            return new Endpoint(DOOR, worker, 0, new Reach.At(new Address.Tcp("127.0.0.1", socket.getLocalPort())));
        }

        @Override
        public void close() throws IOException {
            mayAnswer.countDown();
            socket.close();
        }
    }

    EdgeGround(Path folder) throws IOException {
        this.folder = folder;
        proxy.stickBy(new StickyKey(new byte[16]));
        logs = new AccessLogFiles(folder, proxy::openAccessLog);
        desk = new EdgeDesk(vertx, proxy, apps, logs, journal());
        port = FreePorts.next();
    }

    @Override
    public void close() throws IOException {
        desk.forgetAll();
        for (Server server : servers) {
            server.close();
        }
        proxy.close();
        logs.close();
        vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }

    EdgeJournal journal() {
        return new EdgeJournal(folder.resolve("edge.json"));
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    EdgeText text(String edge) {
        return new EdgeText(
                "{\"apps\": [{\"name\": \"web\"}], \"edge\": " + edge.replace('\'', '"') + "}", folder, folder);
    }

    /// A listener at the port of this test, with these routes.
    EdgeText routes(String... routes) {
        return text("{'listeners': ['127.0.0.1:" + port + "'], 'routes': [" + String.join(", ", routes) + "]}");
    }

    Socket connect() throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(60_000);
        return socket;
    }

    static void ask(Socket socket, String path, String more) throws IOException {
        String request = "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    }

    String ask(String path, String... lines) throws IOException {
        try (Socket socket = connect()) {
            ask(socket, path, String.join("", lines) + "Connection: close\r\n");
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    static boolean listens(int at) {
        try (Socket _ = new Socket("127.0.0.1", at)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    static void await(BooleanSupplier holds) {
        long from = System.nanoTime();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - from > LONGEST_NANOS) {
                throw new AssertionError("not within " + TimeUnit.NANOSECONDS.toSeconds(LONGEST_NANOS) + " s");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    static String oneAnswer(Socket kept, String path, String more) throws IOException {
        ask(kept, path, more);
        StringBuilder all = new StringBuilder();
        int length = -1;
        while (length < 0 || all.length() < length) {
            all.append((char) kept.getInputStream().read());
            if (length < 0 && all.toString().endsWith("\r\n\r\n")) {
                String head = all.toString().toLowerCase(Locale.ROOT);
                int at = head.indexOf("content-length: ") + 16;
                length = all.length() + Integer.parseInt(head.substring(at, head.indexOf('\r', at)));
            }
        }
        return all.toString();
    }
}
