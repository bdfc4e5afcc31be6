package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The edge when workers hang, descriptors run out, or the transport cannot do what an app needs.
class EdgeFaultsIT {
    private static final String NODE = """
            require('http').createServer((request, response) => response.end('' + process.pid)).listen(%d);
            """;
    private static final int CROWD = 400;

    @RegisterExtension
    final Product product = new Product();

    private int edge;

    private void start(int instances, String treatment) throws Exception {
        edge = product.freePort();
        product.write("app.js", NODE.formatted(product.freePort()));
        product.write("ecosystem.yaml", """
                apps: [{ name: web, script: app.js, instances: %d }]
                edge: { listeners: ["127.0.0.1:%d"], routes: [{ app: web %s }] }
                """.formatted(instances, edge, treatment));
        product.run("start", "ecosystem.yaml").succeeds();
    }

    /// Status and body of a GET on a connection of its own.
    private String ask() throws IOException {
        try (Socket socket = new Socket("127.0.0.1", edge)) {
            return ask(socket, "Connection: close\r\n");
        }
    }

    private static String ask(Socket socket, String more) throws IOException {
        socket.setSoTimeout(60_000);
        socket.getOutputStream()
                .write(("GET / HTTP/1.1\r\nHost: a\r\n" + more + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        StringBuilder all = new StringBuilder();
        int end = -1;
        while (end < 0 || all.length() < end) {
            int c = socket.getInputStream().read();
            if (c < 0) {
                break;
            }
            all.append((char) c);
            int head = all.indexOf("\r\n\r\n");
            if (end < 0 && head > 0) {
                String lower = all.toString().toLowerCase(java.util.Locale.ROOT);
                int length = lower.indexOf("content-length: ") + 16;
                end = head + 4 + Integer.parseInt(lower.substring(length, lower.indexOf('\r', length)));
            }
        }
        return all.substring(9, 12) + " " + all.substring(all.indexOf("\r\n\r\n") + 4);
    }

    private static void signal(String name, long pid) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, "" + pid).start().waitFor())
                .isZero();
    }

    /// Z11, Z12: who asks the hung worker is told so; after a few it is asked no more, until it goes on.
    @Test
    void aStoppedWorkerIsLeftOutUntilItGoesOn() throws Exception {
        start(2, ", balance: round_robin, retries: 0, timeouts: { head: 500ms }");
        List<Long> pids = product.pids("web");
        long hung = pids.getFirst();
        String other = "200 " + pids.getLast();
        Product.eventually("both serve", () -> seen(10).size(), count -> count == 2);

        signal("STOP", hung);
        try {
            List<String> answers = new ArrayList<>();
            Product.eventually(
                    "it is left out",
                    () -> {
                        List<String> some = new ArrayList<>();
                        for (int i = 0; i < 10; i++) {
                            some.add(ask());
                        }
                        answers.addAll(some);
                        return some;
                    },
                    some -> some.stream().allMatch(other::equals));
            assertThat(answers).anyMatch(answer -> answer.startsWith("504 "));
            assertThat(answers).allMatch(answer -> answer.startsWith("504 ") || answer.equals(other));
        } finally {
            signal("CONT", hung);
        }
        Product.eventually("it serves again", () -> seen(10), all -> all.contains("200 " + hung));
        assertThat(product.pids("web")).isEqualTo(pids);
    }

    private Set<String> seen(int times) throws IOException {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < times; i++) {
            seen.add(ask());
        }
        return seen;
    }

    /// Z22: accepting pauses when there are no descriptors, and nothing else does.
    @Test
    void withoutDescriptorsAcceptingPausesAndWhatThereIsGoesOn() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "prlimit is not installed (Debian: util-linux)");
        start(1, "");
        Product.eventually("it serves", this::ask, answer -> answer.startsWith("200 "));
        long daemon = Outage.daemonPid(product);
        List<SocketChannel> crowd = new ArrayList<>();
        try (Socket kept = new Socket("127.0.0.1", edge)) {
            assertThat(ask(kept, "")).startsWith("200 ");
            long most = descriptors(daemon) + 20;
            limit(daemon, most);
            for (int i = 0; i < CROWD; i++) {
                // The kernel takes them; the daemon has no descriptor for most.
                crowd.add(SocketChannel.open(new InetSocketAddress("127.0.0.1", edge)));
            }
            Product.eventually("all are taken", () -> descriptors(daemon), count -> count >= most - 2);

            long before = ticks(daemon);
            long from = System.nanoTime();
            int asked = 0;
            while (System.nanoTime() - from < 2_000_000_000L) {
                assertThat(ask(kept, "")).startsWith("200 ");
                asked++;
                Thread.sleep(20);
            }
            assertThat(asked).isPositive();
            // 100 ticks a second and core: spinning would take all of one.
            assertThat(ticks(daemon) - before).isLessThan(100);

            for (SocketChannel one : crowd) {
                one.close();
            }
            Product.eventually("it accepts again", this::ask, answer -> answer.startsWith("200 "));
            assertThat(ask(kept, "")).startsWith("200 ");
        } finally {
            for (SocketChannel one : crowd) {
                one.close();
            }
            limit(daemon, 4096);
        }
    }

    private static void limit(long pid, long most) throws Exception {
        Process child = new ProcessBuilder("prlimit", "--pid", "" + pid, "--nofile=" + most + ":").start();
        assertThat(child.waitFor()).isZero();
    }

    private static long descriptors(long pid) throws IOException {
        try (var all = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return all.count();
        }
    }

    /// Processor time, in hundredths of a second.
    private static long ticks(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Arrays.stream(fields, 11, 13).mapToLong(Long::parseLong).sum();
    }

    @Test
    void aTransportThatCannotHandOverConnectionsRefusesNodesClusterApps() throws Exception {
        product.with("PM2J_TRANSPORT", "nio");
        product.write("app.js", NODE.formatted(product.freePort()));

        Ran refused = product.run("start", "app.js", "-i", "2");

        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.out() + refused.err())
                .contains("the daemon's transport nio cannot hand connections", "PM2J_TRANSPORT=epoll");
        int port = product.freePort();
        product.write("fork.js", NODE.formatted(port));
        product.run("start", "fork.js").succeeds();
        product.answers(port);
    }
}
