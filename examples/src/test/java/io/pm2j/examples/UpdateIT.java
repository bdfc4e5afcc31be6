package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.bench.load.LoadReport;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The daemon becomes the next program in place: nothing that reaches the edge is lost, no
/// worker notices.
class UpdateIT {
    @RegisterExtension
    final Product product = new Product();

    /// The common pool has one thread where there are two processors.
    private final ExecutorService aside = Executors.newVirtualThreadPerTaskExecutor();

    private Path ledgers = Path.of("");
    private int requests;

    @AfterEach
    void end() {
        aside.shutdownNow();
    }

    /// Starts the app `mixed`; its port.
    private int startMixed() throws Exception {
        product.app("mixed");
        ledgers = Files.createDirectories(product.work().resolve("ledgers"));
        int port = product.freePort();
        product.ecosystem(("name: 'mixed', script: 'mixed/app.js', instances: 2, exec_mode: 'cluster', "
                        + "env: { PORT: %d, LEDGER_DIR: '%s' }")
                .formatted(port, ledgers));
        product.run("start", "ecosystem.config.js").succeeds();
        product.answers(port);
        return port;
    }

    @Test
    void z17UpdatesUnderLoadLoseNothingAndKeepPidsAndWebSockets() throws Exception {
        int port = startMixed();
        List<Long> workers = product.pids("mixed");
        String daemon = daemonPid();

        try (LongLived chat = LongLived.webSocket(port)) {
            long partner = chat.echo("before");
            LoadReport report = Crossing.at(port).during(() -> {
                for (int i = 0; i < 3; i++) {
                    assertThat(product.run("update").succeeds().all()).contains("updated in place: 2 workers");
                    assertThat(chat.echo("still")).isEqualTo(partner);
                }
            });

            Crossing.assertNothingFailed(report);
            Crossing.assertDoneOnce(ledgers, report);
            assertThat(chat.echo("after")).isEqualTo(partner);
        }
        assertThat(product.pids("mixed")).isEqualTo(workers);
        assertThat(daemonPid()).isEqualTo(daemon);
    }

    @Test
    void whatIsUnderWayIsFinishedFirstAndWhatComesMeanwhileWaits() throws Exception {
        int port = startMixed();
        CompletableFuture<Integer> slow = underWay(port, 8_000);
        CompletableFuture<Long> slowUntil = slow.thenApply(_ -> System.nanoTime());

        CompletableFuture<Ran> update = CompletableFuture.supplyAsync(() -> run("update", "--drain", "30000"), aside);
        long longestNanos = 0;
        long whileSlowNanos = 0;
        while (!update.isDone()) {
            long begunNanos = System.nanoTime();
            assertThat(asked(port, "/").join()).isEqualTo(200);
            long endNanos = System.nanoTime();
            longestNanos = Math.max(longestNanos, endNanos - begunNanos);
            if (!slow.isDone()) {
                whileSlowNanos = endNanos;
            }
        }

        update.join().succeeds();
        assertThat(longestNanos).as("a JVM started meanwhile").isGreaterThan(TimeUnit.MILLISECONDS.toNanos(100));
        assertThat(slow.join()).isEqualTo(200);
        assertThat(slowUntil.join() - whileSlowNanos)
                .as("others are answered until the slow one is")
                .isLessThan(TimeUnit.SECONDS.toNanos(5));
    }

    @Test
    void aRequestThatTakesTooLongStopsTheUpdateUnlessForced() throws Exception {
        int port = startMixed();
        CompletableFuture<Integer> slow = underWay(port, 120_000);

        product.run("update", "--drain", "200").refusesSaying("1 request is still under way after 200 ms");
        assertThat(product.status(port, "/")).isEqualTo(200);
        assertThat(slow).isNotDone();

        assertThat(product.run("update", "--drain", "200", "--force").succeeds().all())
                .contains("1 request was cut off");
        assertThat(slow.join()).as("no answer").isZero();
        assertThat(product.status(port, "/")).isEqualTo(200);
    }

    @Test
    void anIdleConnectionAndAHalfSentRequestGoOn() throws Exception {
        int port = startMixed();
        try (Socket idle = new Socket("127.0.0.1", port);
                Socket half = new Socket("127.0.0.1", port)) {
            ask(idle, "GET /?load=one HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(answer(idle)).contains("one ");
            ask(half, "GET /?load=half HTTP/1.1\r\nHo");

            product.run("update").succeeds();

            ask(half, "st: x\r\n\r\n");
            assertThat(answer(half)).contains("half ");
            ask(idle, "GET /?load=two HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(answer(idle)).contains("two ");
        }
    }

    @Test
    void aRequestThatWaitedBehindAnotherIsBegunByTheNextProgram() throws Exception {
        int port = startMixed();
        try (Socket socket = new Socket("127.0.0.1", port)) {
            ask(
                    socket,
                    "GET /slow?ms=8000 HTTP/1.1\r\nHost: x\r\n\r\n"
                            + "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nid");

            // Longer than a calm moment is waited for, shorter than what is under way is then.
            product.run("update", "--drain", "4500").succeeds();

            assertThat(answer(socket)).contains("hello ");
            ask(socket, "\nxxx");
            assertThat(answer(socket)).startsWith("HTTP/1.1 200 ").contains("id ");
        }
    }

    @Test
    void afterwardsEverythingCanBeDoneAndIsSeenAsBefore() throws Exception {
        int port = startMixed();
        product.run("update").succeeds();

        ProcessHandle.of(product.pids("mixed").getFirst()).orElseThrow().destroyForcibly();
        Product.eventually(
                "the exit is seen", () -> product.numbers("mixed", "restart_time"), counts -> counts.contains(1));
        Product.eventually("both are up", () -> product.pids("mixed").size(), count -> count == 2);
        List<Long> before = product.pids("mixed");
        product.run("reload", "mixed").succeeds();
        assertThat(product.pids("mixed")).doesNotContainAnyElementsOf(before);
        product.run("scale", "mixed", "3").succeeds();
        assertThat(product.pids("mixed")).hasSize(3);
        product.run("update").succeeds();
        product.run("restart", "mixed").succeeds();
        assertThat(product.status(port, "/")).isEqualTo(200);
        product.run("stop", "mixed").succeeds();
        assertThat(Product.listens(port)).isFalse();
    }

    @Test
    void everyLineOfAWorkerIsLoggedOnceAcrossUpdates() throws Exception {
        product.app("lines");
        product.run("start", "lines/app.py", "--name", "lines").succeeds();
        long pid = product.pids("lines").getFirst();
        for (int i = 0; i < 3; i++) {
            int seen = logged().size();
            Product.eventually("lines come", () -> logged().size(), count -> count > seen + 20);
            product.run("update").succeeds();
        }
        int seen = logged().size();
        Product.eventually("lines come", () -> logged().size(), count -> count > seen + 20);

        List<String> lines = logged();
        assertThat(lines)
                .containsExactlyElementsOf(IntStream.range(0, lines.size())
                        .mapToObj(String::valueOf)
                        .toList());
        assertThat(product.pids("lines")).containsExactly(pid);
    }

    @Test
    void aCommandThatComesMeanwhileWaits() throws Exception {
        startMixed();
        CompletableFuture<Ran> update = CompletableFuture.supplyAsync(() -> run("update"), aside);
        List<Ran> commands = new ArrayList<>();

        while (!update.isDone()) {
            commands.add(product.run("ping"));
        }

        update.join().succeeds();
        assertThat(commands).noneMatch(ran -> ran.all().contains("died"));
    }

    /// A descriptor comes or goes in the very moment in which the daemon becomes the next program.
    @Test
    void whoeverAsksInTheVeryMomentIsAnsweredOrEnds() throws Exception {
        startMixed();
        AtomicBoolean enough = new AtomicBoolean();
        AtomicInteger answered = new AtomicInteger();
        List<CompletableFuture<Integer>> askers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            askers.add(CompletableFuture.supplyAsync(
                    () -> {
                        while (!enough.get()) {
                            try (SocketChannel asks = said("{'ask':'ping','version':'test'}")) {
                                answered.addAndGet(Math.max(asks.read(ByteBuffer.allocate(100)), 0));
                            } catch (IOException e) {
                                // nobody is there, just now
                            }
                            LockSupport.parkNanos(200_000);
                        }
                        return 0;
                    },
                    aside));
        }
        try {
            for (int i = 0; i < 3; i++) {
                product.run("update").succeeds();
            }
        } finally {
            enough.set(true);
        }

        for (CompletableFuture<Integer> asker : askers) {
            assertThat(asker.get(90, TimeUnit.SECONDS)).isZero();
        }
        assertThat(answered.get()).isPositive();
    }

    @Test
    void aSiteIsServedOn() throws Exception {
        product.write("site/index.html", "hello");
        int port = product.freePort();
        product.run("serve", "site", String.valueOf(port)).succeeds();

        product.run("update").succeeds();

        assertThat(product.get(port, "/").body()).isEqualTo("hello");
        product.run("delete", "all").succeeds();
        assertThat(Product.listens(port)).isFalse();
    }

    @Test
    void listenersOfEveryKindAndOtherRuntimesGoOn() throws Exception {
        product.write("echo.js", """
                require('net').createServer({ allowHalfOpen: true }, socket => {
                  socket.on('data', data => socket.write('said ' + data)).on('end', () => socket.end());
                }).listen(%d);
                """.formatted(product.freePort()));
        product.write("udp.py", """
                import os, socket
                server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                server.bind(("127.0.0.1", int(os.environ["PORT"])))
                while True:
                    data, client = server.recvfrom(2048)
                    server.sendto(b"back " + data, client)
                """);
        int tcp = product.freePort();
        int udp = product.freePort();
        int http = product.freePort();
        product.write("ecosystem.yaml", """
                apps:
                  - { name: echo, script: echo.js }
                  - { name: udp, script: udp.py, interpreter: python3, instances: 2 }
                edge:
                  trusted_proxies: [127.0.0.1]
                  listeners:
                    - { address: "127.0.0.1:%d", protocol: tcp, app: echo }
                    - { address: "127.0.0.1:%d", protocol: udp, app: udp }
                    - { address: "127.0.0.1:%d", proxy_protocol: true }
                  routes: [{ path: /, respond: "well" }]
                """.formatted(tcp, udp, http));
        product.run("start", "ecosystem.yaml").succeeds();
        List<Long> workers = product.pids("udp");

        try (Socket tunnel = new Socket("127.0.0.1", tcp);
                Socket announced = new Socket("127.0.0.1", http);
                DatagramSocket socket = new DatagramSocket()) {
            ask(tunnel, "one");
            assertThat(answer(tunnel)).isEqualTo("said one");
            ask(announced, "PROXY TCP4 192.0.2.7 198.51");
            datagram(socket, udp);

            product.run("update").succeeds();

            ask(tunnel, "two");
            assertThat(answer(tunnel)).isEqualTo("said two");
            tunnel.shutdownOutput();
            assertThat(answer(tunnel)).isEmpty();
            ask(announced, ".100.1 5555 443\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(answer(announced)).startsWith("HTTP/1.1 200 ").endsWith("well");
            datagram(socket, udp);
        }
        assertThat(product.pids("udp")).isEqualTo(workers);
    }

    @Test
    void aListenerWithPort0KeepsThePortThatItGot() throws Exception {
        product.write("ecosystem.yaml", """
                apps: [{ name: idle, script: idle.js }]
                edge:
                  listeners: ["127.0.0.1:0"]
                  routes: [{ path: /, respond: "well" }]
                """);
        product.write("idle.js", "setInterval(() => {}, 1000)");
        product.run("start", "ecosystem.yaml").succeeds();
        int port = daemonsPort();
        assertThat(product.get(port, "/").body()).isEqualTo("well");

        product.run("update").succeeds();

        assertThat(daemonsPort()).isEqualTo(port);
        assertThat(product.get(port, "/").body()).isEqualTo("well");
        Outage.begin(product);
        product.run("ping").succeeds();
        assertThat(daemonsPort())
                .as("after a kill too, while nobody else has it")
                .isEqualTo(port);
    }

    /// The TCP port at which the daemon listens.
    private int daemonsPort() throws Exception {
        List<String> sockets = new ArrayList<>();
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/" + daemonPid() + "/fd"))) {
            for (Path fd : open) {
                sockets.add(Files.readSymbolicLink(fd).toString());
            }
        }
        List<String> all = new ArrayList<>(Files.readAllLines(Path.of("/proc/net/tcp")));
        all.addAll(Files.readAllLines(Path.of("/proc/net/tcp6")));
        return all.stream()
                .map(line -> line.strip().split("\\s+"))
                .filter(fields -> fields[3].equals("0A") && sockets.contains("socket:[" + fields[9] + "]"))
                .mapToInt(fields -> Integer.parseInt(fields[1].split(":")[1], 16))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void tunnelsOfListenersThatAreClosedGoOn() throws Exception {
        int own = startMixed();
        int chats = product.freePort();
        int tcp = product.freePort();
        int other = product.freePort();
        String app = "apps: [{ name: mixed, script: mixed/app.js, instances: 2, exec_mode: cluster, env: { PORT: %d,"
                + " LEDGER_DIR: '%s' } }]\n";
        String all = app.formatted(own, ledgers) + """
                edge:
                  listeners:
                    - "127.0.0.1:%d"
                    - { address: "127.0.0.1:%d", protocol: tcp, app: mixed }
                    - "127.0.0.1:%d"
                  routes: [{ path: /, app: mixed }]
                """.formatted(chats, tcp, other);
        product.write("edge.yaml", all);
        product.run("delete", "all").succeeds();
        product.run("start", "edge.yaml").succeeds();
        try (LongLived chat = LongLived.webSocket(chats);
                LongLived raw = LongLived.webSocket(tcp)) {
            long one = chat.echo("one");
            long two = raw.echo("one");
            product.write(
                    "edge.yaml",
                    all.lines()
                            .filter(line -> !line.contains(":" + chats) && !line.contains(":" + tcp))
                            .collect(Collectors.joining("\n")));
            product.run("apply", "edge.yaml").succeeds();
            assertThat(Product.listens(chats) || Product.listens(tcp)).isFalse();
            assertThat(chat.echo("two")).isEqualTo(one);

            for (int i = 0; i < 2; i++) {
                assertThat(product.run("update").succeeds().all()).contains("2 connections kept");

                assertThat(chat.echo("three")).isEqualTo(one);
                assertThat(raw.echo("three")).isEqualTo(two);
            }

            assertThat(Product.listens(chats) || Product.listens(tcp)).isFalse();
            assertThat(product.status(other, "/")).isEqualTo(200);
        }
    }

    private static void datagram(DatagramSocket socket, int port) throws IOException {
        socket.setSoTimeout(60_000);
        byte[] data = "ping".getBytes(StandardCharsets.US_ASCII);
        socket.send(new DatagramPacket(data, data.length, InetAddress.getLoopbackAddress(), port));
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        socket.receive(answer);
        assertThat(new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII))
                .isEqualTo("back ping");
    }

    @Test
    void aSuccessorThatCannotTakeOverChangesNothing() throws Exception {
        int port = startMixed();
        List<Long> workers = product.pids("mixed");
        Path broken = script("echo 'no such release'; exit 7");

        Ran refused = updateTo(broken);

        refused.refusesSaying("the next daemon cannot take over (exit code 7): no such release");
        assertThat(product.pids("mixed")).isEqualTo(workers);
        assertThat(product.status(port, "/")).isEqualTo(200);
    }

    @Test
    void aSuccessorThatFailsBeforeItIsReadyGivesBackToTheFormer() throws Exception {
        int port = startMixed();
        List<Long> workers = product.pids("mixed");
        String daemon = daemonPid();
        Path failing = script("[ \"$1\" = --check-take-over ] && exit 0\n" + "exec '" + java()
                + "' -Dpm2j.transport=nio '" + arguments() + "' \"$@\"");

        try (Socket idle = new Socket("127.0.0.1", port)) {
            ask(idle, "GET /?load=one HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(answer(idle)).contains("one ");

            Ran refused = updateTo(failing);

            refused.fails();
            assertThat(refused.err()).contains("the former daemon goes on: its transport is nio");
            ask(idle, "GET /?load=two HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(answer(idle)).contains("two ");
        }
        assertThat(product.pids("mixed")).isEqualTo(workers);
        assertThat(daemonPid()).isEqualTo(daemon);
        product.run("update").succeeds();
        assertThat(product.pids("mixed")).isEqualTo(workers);
    }

    @Test
    void whoFollowsTheBusDoesNotHoldAnUpdateUp() throws Exception {
        startMixed();
        try (SocketChannel bus = said("{'version':'0','ask':'bus','selectors':[]}")) {
            bus.configureBlocking(false);
            ByteBuffer first = ByteBuffer.allocate(1);
            Product.eventually(
                    "the bus tells",
                    () -> {
                        product.run("restart", "mixed").succeeds();
                        return bus.read(first);
                    },
                    count -> count == 1);

            product.run("update").succeeds();
        }
    }

    @Test
    void aCommandLineThatHangsUpLeavesADaemonThatWorks() throws Exception {
        int port = startMixed();
        Callable<CompletableFuture<Integer>> arrives = () -> asked(port, "/");
        for (int i = 0; i < 2; i++) {
            CompletableFuture<Integer> slow = underWay(port, 8_000);
            try (SocketChannel _ = said(update(3_000))) {
                Product.eventually("the edge rests", arrives, answer -> !answeredWithin(300, answer));
            }

            assertThat(slow.join()).isEqualTo(200);
            assertThat(asked(port, "/").join()).isEqualTo(200);
            product.run("restart", "mixed").succeeds();
            assertThat(product.status(port, "/")).isEqualTo(200);
        }
        product.run("update").succeeds();
    }

    /// What `pm2j update` says to the daemon.
    private String update(int drain) throws IOException {
        String command = words().stream()
                .takeWhile(word -> !word.startsWith("--take-over"))
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(","));
        return "{'version':'0','ask':'update','command':[" + command + "],'drain':" + drain + ",'force':false}";
    }

    private static boolean answeredWithin(long millis, CompletableFuture<Integer> answer) {
        return answer.thenApply(_ -> true)
                .completeOnTimeout(false, millis, TimeUnit.MILLISECONDS)
                .join();
    }

    @Test
    void aDaemonThatIsKilledWhileItIsUpdatedEnds() throws Exception {
        int port = startMixed();
        CompletableFuture<Integer> slow = underWay(port, 8_000);
        Callable<CompletableFuture<Integer>> arrives = () -> asked(port, "/");
        try (SocketChannel _ = said(update(3_000))) {
            Product.eventually("the edge rests", arrives, answer -> !answeredWithin(300, answer));

            product.run("kill").succeeds();
        }

        assertThat(slow.join()).isEqualTo(200);
        Product.eventually("it has ended", () -> Processes.of(product.home()), List::isEmpty);
    }

    @Test
    void aPausedAppsWebSocketGoesOn() throws Exception {
        int port = startMixed();
        try (LongLived chat = LongLived.webSocket(port)) {
            long partner = chat.echo("before");
            product.run("pause", "mixed").succeeds();

            product.run("update").succeeds();

            assertThat(chat.echo("after")).isEqualTo(partner);
            CompletableFuture<Integer> held = asked(port, "/");
            assertThat(answeredWithin(300, held)).isFalse();
            product.run("resume", "mixed").succeeds();
            assertThat(held.join()).isEqualTo(200);
        }
    }

    @Test
    void aSuccessorThatIsNotReadyInTimeGivesBackToTheFormer() throws Exception {
        int port = startMixed();
        List<Long> workers = product.pids("mixed");
        Path journal = product.home().resolve("edge.json");
        // It reads a journal that does not end; the former finds none.
        Path slow = script("""
                [ "$1" = --check-take-over ] || {
                  rm -f '%1$s' && mkfifo '%1$s'
                  { exec 9> '%1$s'; rm '%1$s'; sleep 6; } &
                }
                exec '%2$s' -Dpm2j.takeover.seconds=4 '%3$s' "$@"
                """.formatted(journal, java(), arguments()));

        Ran refused = updateTo(slow);

        refused.fails();
        assertThat(refused.err()).contains("the former daemon goes on: the next daemon was not ready within 4 s");
        assertThat(product.status(port, "/")).isEqualTo(200);
        assertThat(product.pids("mixed")).isEqualTo(workers);
    }

    /// A successor that is refused a port, when the edge is revived already.
    @Test
    void aSuccessorThatCannotOpenAllListenersGivesThemBackToTheFormer() throws Exception {
        int first = product.freePort();
        int second = product.freePort();
        Path unix = product.work().resolve("web.sock");
        product.write("ecosystem.yaml", """
                apps: [{ name: mixed, script: mixed/app.js, instances: 2, exec_mode: cluster, env: { PORT: %d } }]
                edge:
                  listeners: ["unix:%s", "127.0.0.1:%d", "127.0.0.1:%d"]
                  routes: [{ path: /, respond: "well" }]
                """.formatted(product.freePort(), unix, first, second));
        product.app("mixed");
        product.run("start", "ecosystem.yaml").succeeds();
        List<Long> workers = product.pids("mixed");
        Path journal = product.home().resolve("edge.json");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket idle = new Socket("127.0.0.1", first)) {
            // The successor reads another journal, in which the second port is one that somebody has.
            Path failing = script("""
                    [ "$1" = --check-take-over ] || {
                      mv '%1$s' '%1$s.kept'
                      mkfifo '%1$s'
                      { sed 's/:%2$d/:%3$d/' '%1$s.kept' > '%1$s'; mv '%1$s.kept' '%1$s'; } &
                    }
                    exec '%4$s' '%5$s' "$@"
                    """.formatted(journal, second, taken.getLocalPort(), java(), arguments()));

            Ran refused = updateTo(failing);

            refused.fails();
            assertThat(refused.err()).contains("the former daemon goes on: nobody listens at ", "127.0.0.1:" + second);
            ask(idle, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(answer(idle)).endsWith("well");
        }
        assertThat(product.get(first, "/").body()).isEqualTo("well");
        assertThat(product.get(second, "/").body()).isEqualTo("well");
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(unix))) {
            assertThat(client.isConnected()).isTrue();
        }
        assertThat(product.pids("mixed")).isEqualTo(workers);
        product.run("update").succeeds();
        assertThat(product.get(second, "/").body()).isEqualTo("well");
    }

    @Test
    void aDaemonThatIsKilledRightAfterItsUpdateLeavesWhatOneBeforeItWould() throws Exception {
        product.app("lines");
        product.run("start", "lines/app.py", "--name", "lines").succeeds();
        long pid = product.pids("lines").getFirst();
        product.run("update").succeeds();

        Outage.begin(product);

        assertThat(product.pids("lines")).containsExactly(pid);
    }

    // --- what is asked, and who asks -------------------------------------------------------------------------

    /// A conversation with the daemon that begins so, with single quotes for double ones.
    private SocketChannel said(String request) throws IOException {
        SocketChannel channel =
                SocketChannel.open(UnixDomainSocketAddress.of(product.home().resolve("pm2j.sock")));
        ByteBuffer line = StandardCharsets.UTF_8.encode(request.replace('\'', '"') + "\n");
        while (line.hasRemaining()) {
            channel.write(line);
        }
        return channel;
    }

    private Ran run(String... words) {
        try {
            return product.run(words);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// The status of a GET; 0 when there is no answer.
    private CompletableFuture<Integer> asked(int port, String path) {
        return answered(port, "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    /// The status of a request that takes a while and that a worker has by now.
    private CompletableFuture<Integer> underWay(int port, int millis) throws Exception {
        String id = "slow" + ++requests;
        CompletableFuture<Integer> answer = answered(
                port,
                "POST /slow?ms=%d HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s\n"
                        .formatted(millis, id.length() + 1, id));
        Product.eventually("it is under way", this::begun, ids -> ids.contains(id));
        return answer;
    }

    private List<String> begun() throws IOException {
        List<String> ids = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(ledgers)) {
            for (Path file : files) {
                ids.addAll(Files.readAllLines(file));
            }
        }
        return ids;
    }

    private CompletableFuture<Integer> answered(int port, String request) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try (Socket socket = new Socket("127.0.0.1", port)) {
                        ask(socket, request);
                        String answer = answer(socket);
                        return answer.isEmpty() ? 0 : Integer.parseInt(answer.substring(9, 12));
                    } catch (IOException e) {
                        return 0;
                    }
                },
                aside);
    }

    private static void ask(Socket socket, String text) throws IOException {
        socket.setSoTimeout(120_000);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String answer(Socket socket) throws IOException {
        byte[] some = new byte[8192];
        int count = socket.getInputStream().read(some);
        return count < 0 ? "" : new String(some, 0, count, StandardCharsets.ISO_8859_1);
    }

    private List<String> logged() throws IOException {
        return product.log("lines-out.log").lines().toList();
    }

    private String daemonPid() throws IOException {
        return Files.readString(product.home().resolve("pm2.pid"));
    }

    // --- other successors ------------------------------------------------------------------------------------

    private Path script(String text) throws IOException {
        Path script = product.write("successor-" + text.hashCode(), "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }

    private Ran updateTo(Path successor) throws Exception {
        return product.run("update", successor.toString());
    }

    private String java() throws IOException {
        return words().getFirst();
    }

    private String arguments() throws IOException {
        return words().stream().filter(word -> word.startsWith("@")).findFirst().orElseThrow();
    }

    private List<String> words() throws IOException {
        String line = Files.readString(Path.of("/proc/" + daemonPid() + "/cmdline"));
        return new ArrayList<>(List.of(line.split("\0")));
    }
}
