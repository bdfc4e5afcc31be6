package io.pm2j.daemon.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.config.AppName;
import io.pm2j.config.read.EdgeText;
import io.pm2j.config.spec.edge.BalanceSpec;
import io.pm2j.daemon.FreePorts;
import io.pm2j.proxy.upstream.Upstream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What files ask of the edge, taken up and changed on a running proxy.
@Timeout(180)
class EdgeDeskIT {
    @TempDir
    Path folder;

    private EdgeGround ground;

    @BeforeEach
    void open() throws Exception {
        ground = new EdgeGround(folder);
    }

    @AfterEach
    void end() throws Exception {
        ground.close();
    }

    @Test
    void aRefusedChangeLeavesBalanceAndHealthAsTheyWere() throws Exception {
        ground.gate.admit(EdgeGround.WEB, Set.of(ground.new Server("web").as(1)));
        ground.desk.apply(
                ground.file("a.json"), ground.routes("{'name': 'a', 'path': '/a', 'balance': 'round_robin'}"));
        Upstream upstream = Objects.requireNonNull(ground.apps.made.get("a of " + ground.file("a.json")));
        BalanceSpec before = upstream.spec().balance();

        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            EdgeText clash =
                    ground.text("{'listeners': ['127.0.0.1:" + ground.port + "', '127.0.0.1:" + taken.getLocalPort()
                            + "'], 'routes': [{'name': 'a', 'path': '/a', 'balance': 'least', 'health': '/well'},"
                            + "{'name': 'b', 'path': '/b', 'balance': 'least'}]}");
            assertThatThrownBy(() -> ground.desk.apply(ground.file("a.json"), clash))
                    .isInstanceOf(EdgeRefused.class);
        }

        assertThat(before.policy()).isEqualTo(new BalanceSpec.Policy.RoundRobin());
        assertThat(upstream.spec().balance()).isEqualTo(before);
        assertThat(upstream.spec().health()).isEmpty();
        assertThat(ground.proxy.upstreams()).as("what was made for it is gone").isEqualTo(1);
        assertThat(ground.ask("/a")).endsWith("web");
    }

    @Test
    void aChangeThatFailsHalfwayIsTakenBack() throws Exception {
        ground.gate.admit(EdgeGround.WEB, Set.of(ground.new Server("web").as(1)));
        ground.desk.apply(ground.file("a.json"), ground.routes("{'path': '/a'}"));
        int more = FreePorts.next();
        EdgeText wider = ground.text("{'listeners': ['127.0.0.1:" + ground.port + "', '127.0.0.1:" + more
                + "'], 'routes': [{'path': '/b'}, {'path': '/c', 'upstream': 'http://127.0.0.1:1'}]}");
        ground.apps.next.set(Optional.of(new IllegalStateException("thrown by the test")));

        assertThatThrownBy(() -> ground.desk.apply(ground.file("a.json"), wider))
                .hasMessage("thrown by the test");

        assertThat(EdgeGround.listens(more)).isFalse();
        assertThat(ground.ask("/a")).endsWith("web");
        assertThat(ground.ask("/b")).startsWith("HTTP/1.1 404 ");
        ground.desk.apply(ground.file("a.json"), wider);
        assertThat(EdgeGround.listens(more)).isTrue();
        assertThat(ground.ask("/b")).endsWith("web");
    }

    @Test
    void aRefusedChangeBringsBackTheNewestRoutesNotOlderOnes() throws Exception {
        ground.desk.apply(ground.file("a.json"), ground.routes("{'path': '/', 'respond': 'one'}"));
        ground.desk.apply(ground.file("a.json"), ground.routes("{'path': '/', 'respond': 'two'}"));

        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // The first listener has to be closed and opened anew, the second one cannot be had.
            EdgeText clash =
                    ground.text("{'trusted_proxies': ['127.0.0.1'], 'listeners': [{'address': '127.0.0.1:" + ground.port
                            + "', 'proxy_protocol': true}, '127.0.0.1:" + taken.getLocalPort()
                            + "'], 'routes': [{'path': '/', 'respond': 'three'}]}");
            assertThatThrownBy(() -> ground.desk.apply(ground.file("a.json"), clash))
                    .isInstanceOf(EdgeRefused.class);
        }

        assertThat(ground.ask("/")).endsWith("two");
    }

    @Test
    void routesOfOneNameInTwoFilesHaveTheirOwnServers() throws Exception {
        int one = ground.new Server("one").port();
        int two = ground.new Server("two").port();
        ground.desk.apply(
                ground.file("a.json"),
                ground.routes("{'name': 'x', 'path': '/a', 'upstream': 'http://127.0.0.1:" + one + "'}"));
        ground.desk.apply(
                ground.file("b.json"),
                ground.routes("{'name': 'x', 'path': '/b', 'upstream': 'http://127.0.0.1:" + two + "'}"));

        for (int i = 0; i < 4; i++) {
            assertThat(ground.ask("/a")).endsWith("one");
            assertThat(ground.ask("/b")).endsWith("two");
        }
        ground.desk.apply(ground.file("a.json"), EdgeText.none(ground.folder));
        assertThat(ground.ask("/b")).endsWith("two");
    }

    @Test
    void aFileWaitsForItsAppsAndGoesWithTheLast() throws Exception {
        ground.desk.apply(ground.file("a.json"), ground.routes("{'path': '/', 'app': 'web'}"));

        ground.desk.settle(Set.of(new AppName("other")));
        assertThat(EdgeGround.listens(ground.port)).as("its apps come later").isTrue();

        ground.desk.settle(Set.of(EdgeGround.WEB));
        ground.desk.settle(Set.of());
        assertThat(EdgeGround.listens(ground.port)).isFalse();
    }

    @Test
    void whatAFormerDaemonServedGoesWithItsLastAppToo() throws Exception {
        ground.desk.apply(ground.file("a.json"), ground.routes("{'path': '/', 'app': 'web'}"));
        ground.proxy.stopAccepting();
        EdgeDesk next = new EdgeDesk(ground.vertx, ground.proxy, ground.apps, ground.logs, ground.journal());
        List<String> told = new ArrayList<>();
        next.revive(told::add);
        assertThat(told).isEmpty();
        assertThat(EdgeGround.listens(ground.port)).isTrue();

        next.settle(Set.of());

        assertThat(EdgeGround.listens(ground.port)).isFalse();
        assertThat(ground.journal().read(told::add)).isEmpty();
    }

    @Test
    void whatCannotBeHadAtBootIsKeptAndServedOnceItCan() throws Exception {
        ground.desk.apply(ground.file("a.json"), ground.routes("{'path': '/', 'respond': 'here'}"));
        ground.proxy.stopAccepting();
        EdgeDesk next = new EdgeDesk(ground.vertx, ground.proxy, ground.apps, ground.logs, ground.journal());
        List<String> told = new ArrayList<>();
        try (ServerSocket taken = new ServerSocket(ground.port, 1, InetAddress.getByName("127.0.0.1"))) {
            next.revive(told::add);
            assertThat(told).singleElement().asString().contains("a.json is not served yet", "" + ground.port);
            // Another file is applied, and the journal is written: both are in it.
            next.apply(
                    ground.file("b.json"),
                    ground.text("{'listeners': ['127.0.0.1:" + FreePorts.next()
                            + "'], 'routes': [{'path': '/', 'respond': 'b'}]}"));
            assertThat(ground.journal().read(told::add)).containsOnlyKeys(ground.file("a.json"), ground.file("b.json"));
            assertThat(taken.isBound()).isTrue();
        }

        EdgeGround.await(() -> EdgeGround.listens(ground.port));

        assertThat(ground.ask("/")).endsWith("here");
        assertThat(ground.journal().read(told::add)).containsOnlyKeys(ground.file("a.json"), ground.file("b.json"));
        next.forgetAll();
        assertThat(ground.journal().read(told::add)).isEmpty();
    }

    @Test
    void anEditOfTheTrustedProxiesCountsForConnectionsThatThereAre() throws Exception {
        ground.gate.admit(EdgeGround.WEB, Set.of(ground.new Server("web").as(1)));
        String forwarded = "X-Forwarded-For: 192.0.2.7\r\n";
        ground.desk.apply(
                ground.file("a.json"),
                ground.routes("{'path': '/', 'request_headers': {'set': {'x-who': '{client_ip}'}}}"));
        try (Socket kept = ground.connect()) {
            assertThat(EdgeGround.oneAnswer(kept, "/", forwarded)).endsWith("web 127.0.0.1");

            ground.desk.apply(
                    ground.file("a.json"),
                    ground.text("{'trusted_proxies': ['127.0.0.1'], 'listeners': ['127.0.0.1:" + ground.port
                            + "'], 'routes': [{'path': '/', 'request_headers': {'set': {'x-who': '{client_ip}'}}}]}"));
            assertThat(EdgeGround.oneAnswer(kept, "/", forwarded)).endsWith("web 192.0.2.7");

            ground.desk.apply(
                    ground.file("a.json"),
                    ground.routes("{'path': '/', 'request_headers': {'set': {'x-who': '{client_ip}'}}}"));
            assertThat(EdgeGround.oneAnswer(kept, "/", forwarded)).endsWith("web 127.0.0.1");
        }
    }

    @Test
    void aStopWaitsForServersOutside() throws Exception {
        EdgeGround.Server outside = ground.new Server("late");
        outside.mayAnswer = new CountDownLatch(1);
        ground.desk.apply(
                ground.file("a.json"),
                ground.routes("{'path': '/', 'upstream': 'http://127.0.0.1:" + outside.port() + "'}"));
        try (Socket client = ground.connect()) {
            EdgeGround.ask(client, "/", "");
            outside.asked.await();
            Thread stopping = Thread.ofVirtual().start(() -> {
                try {
                    ground.gate.shut(Duration.ofSeconds(60));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            EdgeGround.await(() -> !EdgeGround.listens(ground.port));
            assertThat(stopping.join(Duration.ofMillis(300))).isFalse();

            outside.mayAnswer.countDown();

            assertThat(stopping.join(Duration.ofSeconds(60))).isTrue();
            ground.proxy.close();
            assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 200 ")
                    .endsWith("late");
        }
    }

    @Test
    void aStopWaitsForFilesOnTheirWay() throws Exception {
        byte[] large = new byte[32 * 1024 * 1024];
        Files.write(Files.createDirectories(ground.folder.resolve("public")).resolve("large.bin"), large);
        ground.desk.apply(ground.file("a.json"), ground.routes("{'path': '/', 'static': 'public'}"));
        try (Socket client = ground.connect()) {
            EdgeGround.ask(client, "/large.bin", "");
            client.getInputStream().readNBytes(1024);
            Thread stopping = Thread.ofVirtual().start(() -> {
                try {
                    ground.gate.shut(Duration.ofSeconds(60));
                    ground.proxy.close();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            EdgeGround.await(() -> !EdgeGround.listens(ground.port));
            assertThat(stopping.join(Duration.ofMillis(300))).isFalse();

            assertThat(client.getInputStream().readAllBytes().length).isGreaterThan(large.length - 1024);
            assertThat(stopping.join(Duration.ofSeconds(60))).isTrue();
        }
    }
}
