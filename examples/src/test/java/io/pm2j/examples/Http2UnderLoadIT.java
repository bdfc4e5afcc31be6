package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Clients of HTTP/2, by Node, while what they use is reloaded and replaced. Each of their requests is taken once.
@Timeout(300)
class Http2UnderLoadIT {
    private static final int ENOUGH = 1_000;
    private static final Path PAIR = Product.ROOT.resolve("daemon/src/test/resources/tls/one");

    @RegisterExtension
    final Product product = Product.asShipped();

    private int port;

    @BeforeEach
    void start() throws Exception {
        port = product.freePort();
        product.app("http2");
        product.write("ecosystem.yaml", """
                apps:
                  - { name: web, script: http2/app.js, args: "%d", cwd: ".", instances: 2, exec_mode: cluster }
                edge:
                  listeners:
                    - { address: "127.0.0.1:%d", tls: { cert: %s/cert.pem, key: %s/key.pem } }
                  routes:
                    - { app: web }
                """.formatted(product.freePort(), port, PAIR, PAIR));
        product.run("start", "ecosystem.yaml").succeeds();
    }

    /// Node's clients, and what they say.
    private final class Clients implements AutoCloseable {
        private final Process node;
        private final BufferedReader said;
        private int answered;

        Clients() throws IOException {
            node = new ProcessBuilder(List.of("node", "http2/clients.js", "" + port, "8", "20"))
                    .directory(product.work().toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            said = new BufferedReader(new InputStreamReader(node.getInputStream(), StandardCharsets.UTF_8));
        }

        /// At least so many more have been answered.
        void seen(int more) throws IOException {
            int until = answered + more;
            while (answered < until) {
                String line = said.readLine();
                if (line == null) {
                    throw new IOException("the clients have ended");
                }
                answered = Integer.parseInt(line);
            }
        }

        /// How many failed, and how.
        String over() throws IOException {
            node.getOutputStream().close();
            String line = said.readLine();
            while (line != null && !line.startsWith("over")) {
                line = said.readLine();
            }
            return String.valueOf(line);
        }

        @Override
        public void close() {
            node.destroyForcibly().onExit().orTimeout(60, TimeUnit.SECONDS).join();
        }
    }

    private void assertEachIsTakenOnce() throws IOException {
        List<String> taken = Files.readAllLines(product.work().resolve("ledger"));
        assertThat(taken).hasSizeGreaterThan(ENOUGH).doesNotHaveDuplicates();
    }

    @Test
    void z1ReloadsLoseNoStream() throws Exception {
        try (Clients clients = new Clients()) {
            clients.seen(ENOUGH / 4);
            for (int i = 0; i < 2; i++) {
                product.run("reload", "web").succeeds();
                clients.seen(ENOUGH / 2);
            }
            assertThat(clients.over().strip()).isEqualTo("over 0");
        }
        assertEachIsTakenOnce();
    }

    /// Race R4 on the whole: connections end, streams do not.
    @Test
    void z17UpdatesLoseNoStream() throws Exception {
        List<Long> workers = product.pids("web");
        try (Clients clients = new Clients()) {
            clients.seen(ENOUGH / 4);
            for (int i = 0; i < 2; i++) {
                product.run("update").succeeds();
                clients.seen(ENOUGH / 2);
            }
            assertThat(clients.over().strip()).isEqualTo("over 0");
        }
        assertThat(product.pids("web")).isEqualTo(workers);
        assertEachIsTakenOnce();
    }
}
