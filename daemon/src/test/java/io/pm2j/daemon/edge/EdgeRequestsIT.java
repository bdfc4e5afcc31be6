package io.pm2j.daemon.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Requests at the edge in rare situations, treated as a file says.
@Timeout(180)
class EdgeRequestsIT {
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

    private EdgeGround.Server oneAtATimeBehindAGuard() throws Exception {
        EdgeGround.Server guard = ground.new Server("guard");
        guard.mayAnswer = new CountDownLatch(1);
        int web = ground.new Server("web").port();
        ground.desk.apply(
                ground.file("a.json"),
                ground.routes("{'path': '/', 'upstream': 'http://127.0.0.1:" + web + "', 'max_connections': 1,"
                        + "'forward_auth': 'http://127.0.0.1:" + guard.port() + "/may'}"));
        return guard;
    }

    private void letsInTheNext(EdgeGround.Server guard) {
        guard.mayAnswer.countDown();
        // The place is given back when the guard's answer has come; until then it is taken.
        EdgeGround.await(() -> ends("web"));
    }

    @Test
    void aPlaceIsGivenBackWhenTheClientLeavesWhileItIsAskedWhoMayComeIn() throws Exception {
        EdgeGround.Server guard = oneAtATimeBehindAGuard();
        try (Socket client = ground.connect()) {
            EdgeGround.ask(client, "/", "");
            guard.asked.await();
        }
        letsInTheNext(guard);
    }

    @Test
    void aPlaceIsGivenBackWhenTheRequestIsRefusedWhileItIsAskedWhoMayComeIn() throws Exception {
        EdgeGround.Server guard = oneAtATimeBehindAGuard();
        try (Socket client = ground.connect()) {
            String bad = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
            client.getOutputStream().write(bad.getBytes(StandardCharsets.US_ASCII));
            guard.asked.await();
            assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 400 ");
        }
        letsInTheNext(guard);
    }

    @Test
    void aClientsOwnConnectionToAServerServesNoOtherRoute() throws Exception {
        int one = ground.new Server("one").port();
        int two = ground.new Server("two").port();
        ground.desk.apply(
                ground.file("a.json"),
                ground.text(
                        "{'listeners': [{'address': '127.0.0.1:" + ground.port + "', 'send_proxy': 'v1'}], 'routes':"
                                + "[{'path': '/a', 'upstream': 'http://127.0.0.1:" + one + "'},"
                                + " {'path': '/b', 'upstream': 'http://127.0.0.1:" + two + "'}]}"));
        try (Socket client = ground.connect()) {
            for (int i = 0; i < 3; i++) {
                assertThat(EdgeGround.oneAnswer(client, "/a", "")).endsWith("one");
                assertThat(EdgeGround.oneAnswer(client, "/b", "")).endsWith("two");
            }
        }
    }

    @Test
    void whatARuleRemovesIsRemovedFromEarlyHintsToo() throws Exception {
        String hints = "HTTP/1.1 103 Early Hints\r\nX-Secret: 1\r\nLink: </a.css>; rel=preload\r\n\r\n";
        int web = ground.new Server("web", hints).port();
        ground.desk.apply(
                ground.file("a.json"),
                ground.routes("{'path': '/', 'upstream': 'http://127.0.0.1:" + web
                        + "', 'response_headers': {'remove': ['X-Secret']}}"));

        assertThat(ground.ask("/"))
                .startsWith("HTTP/1.1 103 ")
                .contains("Link: </a.css>", "HTTP/1.1 200 ")
                .doesNotContain("Secret");
    }

    @Test
    void aSessionIsFoundInAnyOfSeveralCookieLines() throws Exception {
        int one = ground.new Server("one").port();
        int two = ground.new Server("two").port();
        ground.desk.apply(
                ground.file("a.json"),
                ground.routes("{'path': '/', 'sticky': 'sid', 'balance': 'round_robin', 'upstream': ['http://127.0.0.1:"
                        + one + "', 'http://127.0.0.1:" + two + "']}"));
        String first = ground.ask("/");
        String name = first.substring(first.length() - 3);
        String cookie = first.substring(first.indexOf("sid="), first.indexOf(';', first.indexOf("sid=")));

        for (String lines : List.of(
                "Cookie: a=1\r\nCookie: " + cookie + "\r\n",
                "Cookie: " + cookie + "\r\nCookie: a=1\r\n",
                "Cookie: a=1,2\r\nCookie: b=2; " + cookie + "\r\nCookie: c=3\r\n")) {
            for (int i = 0; i < 4; i++) {
                assertThat(ground.ask("/", lines))
                        .as(lines)
                        .doesNotContain("Set-Cookie")
                        .endsWith(name);
            }
        }
    }

    @Test
    void aFullDiskCostsLinesOfTheAccessLogAndNoRequest() throws Exception {
        Path log = folder.resolve("access.log");
        String edge = "{'listeners': ['127.0.0.1:" + ground.port + "'], 'access_log': '" + log
                + "', 'routes': [{'path': '/', 'respond': 'well'}]}";
        ground.desk.apply(ground.file("a.json"), ground.text(edge));

        // The disk is full from now on.
        Files.delete(log);
        Files.createSymbolicLink(log, Path.of("/dev/full"));
        ground.logs.reopen();
        EdgeGround.await(() -> answered() && ground.logs.lost() >= 20);

        // There is room again.
        Files.delete(log);
        ground.logs.reopen();
        EdgeGround.await(() -> answered() && told(log).contains("GET / "));
        assertThat(Files.readString(log)).containsPattern("# .* \\d+ access log lines were lost");
        long lost = ground.logs.lost();
        for (int i = 0; i < 20; i++) {
            assertThat(ground.ask("/")).endsWith("well");
        }
        assertThat(ground.logs.lost()).isEqualTo(lost);
    }

    private boolean answered() {
        assertThat(ends("well")).isTrue();
        return true;
    }

    private boolean ends(String end) {
        try {
            return ground.ask("/").endsWith(end);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String told(Path log) {
        try {
            return Files.exists(log) ? Files.readString(log) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
