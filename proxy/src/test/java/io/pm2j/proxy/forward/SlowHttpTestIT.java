package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pm2j.config.Address;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// The four attacks of slowhttptest, all at once, on a Node worker behind the edge: it stays available.
@Isolated
@Timeout(180)
final class SlowHttpTestIT {
    private static final String SECONDS = "10";
    private static final String WORKER = "const big = Buffer.alloc(256 << 10);"
            + "const s = require('http').createServer((q, a) => { q.resume(); a.end(q.url === '/big' ? big : 'hello') });"
            + "s.listen(0, '127.0.0.1', () => console.log(s.address().port))";

    @TempDir
    Path folder;

    private static boolean isInstalled() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(place -> Files.isExecutable(Path.of(place, "slowhttptest")));
    }

    private Process attack(String name, String url, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("slowhttptest", "-g", "-o", name, "-c", "250", "-r", "125"));
        command.addAll(List.of("-l", SECONDS, "-p", "5", "-u", url));
        command.addAll(List.of(options));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".out").toFile())
                .start();
    }

    @Test
    void staysAvailable() throws Exception {
        assumeTrue(isInstalled(), "slowhttptest is not installed (Debian: slowhttptest)");
        ProxyOptions hasty = ProxyOptions.defaults()
                .withClientTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(3), Duration.ofSeconds(2))
                .withBodyRate(500, Duration.ofSeconds(3));
        Process node = new ProcessBuilder("node", "-e", WORKER)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<Process> attacks = new ArrayList<>();
        try {
            int worker = Integer.parseInt(node.inputReader().readLine());
            try (Edge edge = Edge.relaying(hasty, ScriptedOrigin.at(1, worker))) {
                assertThat(edge.ask(Edge.GET)).startsWith("HTTP/1.1 200 ");
                int port = ((Address.Tcp) edge.listener.address()).port();
                String url = "http://127.0.0.1:" + port + "/";
                attacks.add(attack("headers", url, "-H", "-i", "1", "-x", "24"));
                attacks.add(attack("body", url, "-B", "-i", "1", "-s", "8192", "-x", "10"));
                attacks.add(attack("range", url, "-R", "-a", "1", "-b", "1000"));
                attacks.add(
                        attack("read", url + "big", "-X", "-w", "512", "-y", "1024", "-n", "1", "-z", "32", "-k", "3"));
                for (Process attack : attacks) {
                    assertThat(attack.waitFor(120, TimeUnit.SECONDS)).isTrue();
                }
                for (String name : List.of("headers", "body", "range", "read")) {
                    wasAvailable(name);
                }
                assertThat(edge.ask(Edge.GET)).startsWith("HTTP/1.1 200 ");
                Edge.await(() -> edge.proxy.counters().openConnections() == 0);
            }
        } finally {
            attacks.forEach(Process::destroyForcibly);
            node.destroyForcibly().waitFor();
        }
    }

    /// `Seconds,Closed,Pending,Connected,Service Available`, the last 0 where it was not.
    private void wasAvailable(String name) throws Exception {
        List<String> rows = Files.readAllLines(folder.resolve(name + ".csv"));
        assertThat(rows.getFirst()).startsWith("Seconds").contains("Service Available");
        assertThat(rows.subList(1, rows.size()))
                .as(name + " " + Files.readString(folder.resolve(name + ".out")))
                .isNotEmpty()
                .allMatch(row -> !row.endsWith(",0"));
    }
}
