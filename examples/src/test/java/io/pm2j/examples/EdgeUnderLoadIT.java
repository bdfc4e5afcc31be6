package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The whole daemon with more clients than it would like: by what the kernel says of its process.
@Timeout(600)
class EdgeUnderLoadIT {
    private static final int SLOW = 2_000;
    private static final long MOST_BYTES = 128L << 20;
    private static final String APP = """
            const piece = Buffer.alloc(1 << 20);
            require('http').createServer((request, response) => {
              if (request.url !== '/big') return response.end('ok');
              let left = 100;
              response.setHeader('Content-Length', left << 20);
              const more = () => { while (left > 0 && response.write(piece)) left--; if (left === 0) response.end(); };
              response.on('drain', () => { left--; more(); });
              more();
            }).listen(process.env.PORT);
            """;

    @RegisterExtension
    final Product product = Product.asShipped();

    private long daemon() throws IOException {
        return Processes.of(product.home()).stream()
                .filter(pid -> Processes.commandLine(pid).contains("java"))
                .findFirst()
                .orElseThrow();
    }

    private static String ask(Socket socket, String path) throws IOException {
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        StringBuilder all = new StringBuilder();
        while (!all.toString().endsWith("ok")) {
            int c = in.read();
            if (c < 0) {
                throw new IOException("ended after " + all);
            }
            all.append((char) c);
        }
        return all.toString();
    }

    /// Also with half of the heap it usually has: what the slow ones have not taken waits in the worker.
    @Test
    void z23TwoThousandSlowReadersKeepItSmallAndAlive() throws Exception {
        product.with("_JAVA_OPTIONS", "-Xmx64m");
        product.write("app.js", APP);
        int port = product.freePort();
        product.with("PORT", port).run("start", "app.js").succeeds();
        product.answers(port);
        long daemon = daemon();
        List<SocketChannel> slow = new ArrayList<>();
        try {
            long most = 0;
            for (int i = 0; i < SLOW; i++) {
                SocketChannel one = SocketChannel.open();
                slow.add(one);
                one.setOption(StandardSocketOptions.SO_RCVBUF, 16 * 1024);
                one.connect(new InetSocketAddress("127.0.0.1", port));
                one.write(ByteBuffer.wrap("GET /big HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
                most = i % 50 == 0 ? Math.max(most, Processes.memory(daemon, "VmRSS")) : most;
            }
            ByteBuffer sip = ByteBuffer.allocate(64 * 1024);
            for (SocketChannel one : slow) {
                sip.clear();
                assertThat(one.read(sip)).isPositive();
            }
            most = Math.max(most, Processes.memory(daemon, "VmRSS"));
            assertThat(product.status(port, "/")).isEqualTo(200);
            assertThat(most).isLessThan(MOST_BYTES);
            assertThat(daemon()).as("the same process").isEqualTo(daemon);
            assertThat(Processes.commandLine(daemon)).contains("java");
        } finally {
            for (SocketChannel one : slow) {
                one.close();
            }
        }
    }

    @Test
    void outOfDescriptorsItWaitsAndServesThoseItHas() throws Exception {
        product.write("app.js", APP);
        int port = product.freePort();
        product.with("PORT", port)
                .command(List.of("sh", "-c", "ulimit -n 256; exec " + Product.ROOT.resolve("pm2j") + " start app.js"))
                .succeeds();
        product.answers(port);
        long daemon = daemon();
        List<Socket> many = new ArrayList<>();
        try (Socket known = new Socket("127.0.0.1", port)) {
            known.setSoTimeout(60_000);
            assertThat(ask(known, "/")).startsWith("HTTP/1.1 200 ");
            for (int i = 0; i < 400; i++) {
                many.add(new Socket("127.0.0.1", port));
            }
            long before = Processes.cpuMillis(daemon);
            long from = System.nanoTime();
            while (System.nanoTime() - from < 3_000_000_000L) {
                assertThat(ask(known, "/")).startsWith("HTTP/1.1 200 ");
                Thread.sleep(100);
            }
            assertThat(Processes.cpuMillis(daemon) - before).isLessThan(1_500);
        } finally {
            for (Socket one : many) {
                one.close();
            }
        }
        product.answers(port);
    }
}
