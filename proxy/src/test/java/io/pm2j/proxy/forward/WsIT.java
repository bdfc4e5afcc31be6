package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.edge.PolicySpec;
import io.pm2j.proxy.Proxy;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/// `ws` of npm as client and as server, each a Node of its own, with the edge between them.
@Isolated
@Timeout(180)
final class WsIT {
    private static final String VERSION = "8.18.3";
    private static final Path MODULES = Path.of("target", "ws-" + VERSION).toAbsolutePath();
    /// Long enough for a busy Node to shake a thousand hands.
    private static final Duration LIMIT = Duration.ofSeconds(6);

    private static final Path SCRIPTS = Path.of("src/test/resources/ws");

    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(2));
    /// Shorter than a socket is quiet here.
    private final Proxy proxy = Proxy.start(
            vertx,
            ProxyOptions.defaults()
                    .withClientTimeouts(LIMIT, LIMIT, LIMIT)
                    .withUpstreamTimeouts(LIMIT, LIMIT, LIMIT)
                    .withBodyRate(500, LIMIT)
                    .withClientWrite(LIMIT));

    private final List<Process> nodes = new ArrayList<>();
    private RoutedEdge edge = newEdge();

    private RoutedEdge newEdge() {
        try {
            return RoutedEdge.open(proxy, "ws", PolicySpec.DEFAULT);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeAll
    static void install() throws Exception {
        if (Files.isDirectory(MODULES.resolve("node_modules/ws"))) {
            return;
        }
        Files.createDirectories(MODULES);
        Process npm = new ProcessBuilder(
                        "npm",
                        "install",
                        "--no-audit",
                        "--no-fund",
                        "--no-package-lock",
                        "--prefix",
                        MODULES.toString(),
                        "ws@" + VERSION)
                .redirectErrorStream(true)
                .redirectOutput(MODULES.resolve("npm.log").toFile())
                .start();
        assertThat(npm.waitFor(170, TimeUnit.SECONDS)).isTrue();
        assertThat(npm.exitValue())
                .as(Files.readString(MODULES.resolve("npm.log")))
                .isZero();
    }

    @BeforeEach
    void startServer() throws Exception {
        Process server = node("server.js");
        int port = Integer.parseInt(server.inputReader().readLine());
        edge.upstream.admit(Set.of(ScriptedOrigin.at(1, port)));
    }

    @AfterEach
    void stop() throws Exception {
        Edge.await(() -> edge.inFlight() == 0 && proxy.counters().openConnections() == 0);
        for (Process node : nodes) {
            node.destroyForcibly().waitFor();
        }
        edge.close();
        proxy.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private Process node(String script, String... more) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("node", SCRIPTS.resolve(script).toString(), MODULES.toString()));
        command.addAll(List.of(more));
        Process node = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        nodes.add(node);
        return node;
    }

    private String client(String scenario) throws IOException {
        return node("client.js", "" + edge.port(), scenario).inputReader().readLine();
    }

    @Test
    void passesFragments() throws Exception {
        assertThat(client("fragments")).isEqualTo("true 1000");
        assertThat(edge.linesAtEnd()).singleElement().asString().startsWith("{\"status\":101,\"cause\":null");
    }

    @Test
    void passesMessagesOf64MiB() throws Exception {
        assertThat(client("large")).isEqualTo("1000");
    }

    @Test
    void leavesCompressionToTheTwo() throws Exception {
        assertThat(client("deflated")).isEqualTo("permessage-deflate");
    }

    @Test
    void passesAStormOfPings() throws Exception {
        assertThat(client("pings")).isEqualTo("20000");
    }

    @Test
    void passesCloseCodes() throws Exception {
        assertThat(client("codes"))
                .isEqualTo("1000 because,1001 because,1008 because,1011 because,3000 because,4999 because");
    }

    @Test
    void keepsAThousandSocketsOpen() throws Exception {
        Process client = node("client.js", "" + edge.port(), "many");
        BufferedReader said = client.inputReader();
        assertThat(said.readLine()).isEqualTo("open");
        assertThat(proxy.counters().openConnections()).isEqualTo(1_000);
        assertThat(edge.inFlight()).isEqualTo(1_000);
        client.outputWriter().write("on\n");
        client.outputWriter().flush();
        assertThat(said.readLine()).isEqualTo("1 1000");
    }

    @Test
    void endsAThousandSocketsWhoseClientIsKilled() throws Exception {
        Process client = node("client.js", "" + edge.port(), "many");
        assertThat(client.inputReader().readLine()).isEqualTo("open");
        client.destroyForcibly();
        Edge.await(() -> edge.inFlight() == 0 && proxy.counters().openConnections() == 0);
    }

    @Test
    void showsThatOneSideDied() throws Exception {
        assertThat(client("dying")).isEqualTo("1006,1006,1006");
    }

    @Test
    void endsTheSocketsOfAWorkerThatExits() throws Exception {
        assertThat(client("worker")).isEqualTo("1006");
    }

    @Test
    void makesNoTunnelOfARefusalOrOfAFalseSwitch() throws Exception {
        assertThat(client("refused")).isEqualTo("Unexpected server response: 403,Unexpected server response: 502");
        assertThat(proxy.counters().of(Count.TUNNELS)).isZero();
    }

    /// RFC 9110 §7.8: the body belongs to HTTP, so what asks for a switch with one is answered as if it had not.
    @Test
    void makesNoTunnelOfARequestWithABody() throws Exception {
        assertThat(client("withBody")).isEqualTo("200");
        assertThat(proxy.counters().of(Count.TUNNELS)).isZero();
    }

    @Test
    void leavesAQuietSocketAloneBeyondEveryDeadlineOfHttp() throws Exception {
        assertThat(client("idle")).isEqualTo("1000");
    }
}
