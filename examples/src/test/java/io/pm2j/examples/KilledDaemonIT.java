package io.pm2j.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The daemon as a service that is killed: what listens is kept by the service manager meanwhile (Z18).
class KilledDaemonIT {
    private static final int PER_SECOND = 40;

    @RegisterExtension
    final Product product = new Product();

    @Test
    void z18NobodyIsRefusedAndWorkersKeepTheirPids() throws Exception {
        try (ServiceUnderTest service = ServiceUnderTest.start(product)) {
            Map<String, Integer> ports = new TreeMap<>();
            ports.put("hello", startHello());
            ports.put("python", startPython());
            ports.put("forked", startForked());
            List<String> before = listed();
            Crossed first = killUnderLoad(service, ports, 2);
            first.assertOnlyWhatWasUnderWayIsLost();
            assertThat(listed()).isEqualTo(before);

            Crossed second = killUnderLoad(service, ports, 3);
            second.assertOnlyWhatWasUnderWayIsLost();
            assertThat(listed()).isEqualTo(before);

            for (String app : ports.keySet()) {
                product.run("reload", app).succeeds();
                product.answers(ports.get(app));
                assertThat(environment(service.daemon())).contains("\0LISTEN_FDS=", "\0NOTIFY_SOCKET=@pm2j-test");
                for (long worker : product.pids(app)) {
                    assertThat(environment(worker)).doesNotContain("\0LISTEN_", "@pm2j-test");
                }
                product.run("delete", app).succeeds();
                assertThat(Product.listens(ports.get(app))).as(app).isFalse();
            }
            Product.eventually("nothing is kept", service::kept, List::isEmpty);
        }
    }

    @Test
    void whateverListensIsThereWhileNoDaemonIs() throws Exception {
        int http = product.freePort();
        int udp = product.freePort();
        int shared = product.freePort();
        Path unix = product.work().resolve("edge.sock");
        product.write("udp.py", """
                import os, socket
                server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                server.bind(("127.0.0.1", int(os.environ["PORT"])))
                while True:
                    data, client = server.recvfrom(2048)
                    server.sendto(b"back " + data, client)
                """);
        product.write("shared.js", """
                const socket = require('dgram').createSocket('udp4');
                socket.on('message', (data, from) => socket.send('back ' + data, from.port, from.address));
                socket.bind(%d, '127.0.0.1', () => console.log('bound'));
                """.formatted(shared));
        product.write("ecosystem.yaml", """
                apps:
                  - { name: udp, script: udp.py, interpreter: python3, instances: 2 }
                  - { name: shared, script: shared.js, instances: 2 }
                edge:
                  listeners:
                    - "unix:%s"
                    - { address: "127.0.0.1:%d", protocol: udp, app: udp }
                    - "127.0.0.1:%d"
                  routes: [{ path: /, respond: "well" }]
                """.formatted(unix, udp, http));
        try (ServiceUnderTest service = ServiceUnderTest.start(product, Duration.ofSeconds(2))) {
            product.run("start", "ecosystem.yaml").succeeds();
            for (String log : List.of("shared-out-2.log", "shared-out-3.log")) {
                // One that still boots could not be kept.
                Product.eventually(log, () -> product.log(log), said -> said.contains("bound"));
            }
            List<String> before = listed();

            Outage.begin(product);
            try (var web = new Socket("127.0.0.1", http);
                    var local = SocketChannel.open(UnixDomainSocketAddress.of(unix));
                    var toEdge = sent("one", udp);
                    var toWorkers = sent("two", shared)) {
                String request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
                web.getOutputStream().write(request.getBytes(ISO_8859_1));
                local.write(ByteBuffer.wrap(request.getBytes(ISO_8859_1)));
                assertThat(service.said("READY=1 STATUS=serving"))
                        .as("it is not there yet")
                        .isOne();

                product.run("ls").succeeds();
                assertThat(service.daemon())
                        .as("ls waits for the service's own")
                        .isEqualTo(service.lastStarted());
                assertThat(new String(web.getInputStream().readAllBytes(), ISO_8859_1))
                        .endsWith("well");
                assertThat(new String(Channels.newInputStream(local).readAllBytes(), ISO_8859_1))
                        .endsWith("well");
                assertThat(received(toEdge)).isEqualTo("back one");
                assertThat(received(toWorkers)).isEqualTo("back two");
            }
            assertThat(listed()).isEqualTo(before);
            product.run("reload", "shared").succeeds();
            try (var toWorkers = sent("three", shared)) {
                assertThat(received(toWorkers)).isEqualTo("back three");
            }
        }
    }

    @Test
    void aServiceOfListenersAloneGoesOn() throws Exception {
        int port = product.freePort();
        product.write("site/index.html", "well");
        try (ServiceUnderTest service = ServiceUnderTest.start(product)) {
            product.run("serve", "site", String.valueOf(port)).succeeds();
            product.answers(port);

            service.killDaemon();
            service.awaitReady(2);

            product.answers(port);
        }
    }

    @Test
    void workersWithoutAChannelAreServedOnAndWatchedOn() throws Exception {
        try (ServiceUnderTest service = ServiceUnderTest.start(product)) {
            int port = startPython();
            List<Long> before = product.pids("python");

            service.killDaemon();
            service.awaitReady(2);

            product.answers(port);
            assertThat(product.pids("python")).isEqualTo(before);
            ProcessHandle.of(before.getFirst()).orElseThrow().destroyForcibly();
            Product.eventually(
                    "it is replaced",
                    () -> product.pids("python"),
                    pids -> pids.size() == 2 && !pids.contains(before.getFirst()));
        }
    }

    @Test
    void whatWasDeletedStaysDeleted() throws Exception {
        try (ServiceUnderTest service = ServiceUnderTest.start(product)) {
            product.app("hello");
            startPython();
            startForked();
            product.run("save").succeeds();
            product.run("delete", "forked").succeeds();
            List<String> before = listed();

            service.killDaemon();
            service.awaitReady(2);

            assertThat(listed()).isEqualTo(before);
        }
    }

    @Test
    void anUpdateAndAStopAreAsWithoutIt() throws Exception {
        try (ServiceUnderTest service = ServiceUnderTest.start(product)) {
            int port = startHello();
            List<Long> workers = product.pids("hello");
            List<String> kept = Product.eventually(
                    "a listener and two channels are kept",
                    service::kept,
                    names -> names.stream().anyMatch(name -> name.startsWith("listen "))
                            && names.stream()
                                            .filter(name -> name.startsWith("app channel "))
                                            .count()
                                    == 2);
            product.run("update").succeeds();
            Product.eventually("the same is kept", service::kept, kept::equals);

            service.killDaemon();
            service.awaitReady(2);

            assertThat(product.pids("hello")).isEqualTo(workers);
            product.answers(port);
            product.run("update").succeeds();
            assertThat(product.pids("hello")).isEqualTo(workers);

            service.stop();
            Product.eventually("it is over", service::over, over -> over);
            assertThat(service.kept()).isEmpty();
            assertThat(service.lines()).contains("STOPPING=1 STATUS=stopping", "exit 143");
            assertThat(Product.listens(port)).isFalse();
        }
    }

    @Test
    void aWorkerThatWasBeingToldALongMessageIsStartedAnew() throws Exception {
        try (ServiceUnderTest service = ServiceUnderTest.start(product)) {
            int port = startHello();
            List<Long> before = product.pids("hello");
            Matcher token = Pattern.compile("\"token\":\"([0-9a-f]+)\"")
                    .matcher(Files.readString(product.home().resolve("journal/hello.json")));
            assertThat(token.find()).isTrue();
            Path mark = product.home().resolve("torn").resolve(token.group(1));
            Files.createDirectories(mark.getParent());
            Files.createFile(mark);

            service.killDaemon();
            service.awaitReady(2);

            Product.eventually(
                    "one is another",
                    () -> product.pids("hello"),
                    pids -> pids.size() == 2
                            && pids.stream().filter(before::contains).count() == 1);
            Product.eventually("both answer", () -> product.bodies(port, 20).size(), size -> size == 2);
            assertThat(mark).doesNotExist();
        }
    }

    @Test
    void whatNobodyWantsAnyMoreIsClosed() throws Exception {
        try (ServiceUnderTest service = ServiceUnderTest.start(product, Duration.ofSeconds(4))) {
            int port = startPython();
            List<Long> orphans = product.pids("python");
            try {
                Outage.begin(product);
                Files.delete(product.home().resolve("journal/python.json"));
                Files.deleteIfExists(product.home().resolve("journal/python.json.bak"));
                assertThat(Product.listens(port)).isTrue();

                service.awaitReady(2);

                Product.eventually("nothing is kept", service::kept, List::isEmpty);
                Product.eventually("nobody listens", () -> Product.listens(port), listens -> !listens);
            } finally {
                orphans.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
            }
        }
    }

    // --- steps ---------------------------------------------------------------------------------------------

    /// One that still boots when the daemon is killed could not be kept.
    private int startHello() throws Exception {
        int port = product.start("hello");
        product.bothAnswer(port);
        return port;
    }

    private int startPython() throws Exception {
        product.app("python");
        int port = product.freePort();
        product.run("start", "python/app.py", "--name", "python", "--port", String.valueOf(port), "-i", "2")
                .succeeds();
        product.answers(port);
        return port;
    }

    private int startForked() throws Exception {
        int port = product.freePort();
        product.with("PORT", port)
                .run("start", "hello/app.js", "--name", "forked")
                .succeeds();
        product.answers(port);
        return port;
    }

    /// What arrived at each app while the daemon was killed, between `from` and `until`.
    private record Crossed(Map<String, List<Arrivals.Arrival>> arrivals, long from, long until) {
        void assertOnlyWhatWasUnderWayIsLost() {
            arrivals.forEach((app, all) -> {
                List<Arrivals.Arrival> lost =
                        all.stream().filter(one -> !one.good()).toList();
                assertThat(lost).as("let in: " + app).allMatch(Arrivals.Arrival::connected);
                assertThat(lost).as("lost: " + app).allMatch(one -> one.underWay(from, until));
                assertThat(all.stream().filter(one -> one.begun() > until && one.good()))
                        .as("came after it: " + app)
                        .hasSizeGreaterThan(PER_SECOND / 4);
            });
        }
    }

    private Crossed killUnderLoad(ServiceUnderTest service, Map<String, Integer> ports, int daemons) throws Exception {
        Map<String, Arrivals> load = new TreeMap<>();
        ports.forEach((app, port) -> load.put(app, Arrivals.at(port, PER_SECOND)));
        long from;
        long until;
        try {
            Product.eventually("under way", () -> least(load), count -> count > PER_SECOND / 2);
            from = System.nanoTime();
            service.killDaemon();
            until = System.nanoTime();
            service.awaitReady(daemons);
            long sofar = least(load);
            Product.eventually("goes on", () -> least(load), count -> count > sofar + PER_SECOND);
        } finally {
            load.values().forEach(Arrivals::close);
        }
        Map<String, List<Arrivals.Arrival>> arrivals = new TreeMap<>();
        load.forEach((app, all) -> arrivals.put(app, all.all()));
        return new Crossed(arrivals, from, until);
    }

    private static long least(Map<String, Arrivals> load) {
        return load.values().stream().mapToLong(Arrivals::good).min().orElseThrow();
    }

    private static String environment(long pid) throws IOException {
        return "\0" + Files.readString(Path.of("/proc/" + pid + "/environ"), ISO_8859_1);
    }

    private static DatagramSocket sent(String text, int port) throws IOException {
        DatagramSocket socket = new DatagramSocket();
        socket.setSoTimeout(60_000);
        byte[] data = text.getBytes(ISO_8859_1);
        socket.send(new DatagramPacket(data, data.length, InetAddress.getLoopbackAddress(), port));
        return socket;
    }

    private static String received(DatagramSocket socket) throws IOException {
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        socket.receive(answer);
        return new String(answer.getData(), 0, answer.getLength(), ISO_8859_1);
    }

    /// What must not change.
    private List<String> listed() throws Exception {
        var listed = new ArrayList<String>();
        for (JsonNode process : product.jlist()) {
            JsonNode env = process.path("pm2_env");
            listed.add(process.path("pm_id").asInt() + " "
                    + process.path("name").asText() + " "
                    + process.path("pid").asLong() + " "
                    + env.path("status").asText() + " "
                    + env.path("restart_time").asInt());
        }
        return listed;
    }
}
