package io.pm2j.proxy.forward;

import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Measures what an idle keep-alive connection costs, in heap and in native memory; run by hand.
///
/// ```
/// ulimit -n 20000
/// java -Xms160m -Xmx160m -XX:+UseSerialGC -XX:+AlwaysPreTouch … IdleConnections 10000
/// ```
/// The heap is resident from the start, so what the process grows by is native memory. The clients are a
/// process of their own; each has had one answer. The first thousand are not counted: they warm things up.
final class IdleConnections {
    private static final int FIRST = 1_000;

    private IdleConnections() {}

    public static void main(String[] args) throws Exception {
        if (args.length == 2) {
            beClients(Integer.parseInt(args[0]), Integer.parseInt(args[1]));
            return;
        }
        int count = args.length == 1 ? Integer.parseInt(args[0]) : 10_000;
        long[] each = each(count, FIRST);
        System.out.printf(
                "%d idle connections: %d bytes of heap and %d of native memory each%n", count, each[0], each[1]);
    }

    /// Bytes of heap and of native memory that each of `count` connections costs, after `first` others.
    private static long[] each(int count, int first) throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(ProxyOptions.defaults(), origin.endpoint(1));
                Edge.Client one = edge.connect()) {
            one.say(Edge.GET);
            one.response();
            int port = one.socket.getPort();
            Process warming = clients(port, first);
            try {
                long[] before = measure(edge, first + 1);
                Process many = clients(port, count);
                try {
                    long[] after = measure(edge, first + 1 + count);
                    return new long[] {(after[0] - before[0]) / count, (after[1] - before[1]) / count};
                } finally {
                    many.destroyForcibly().waitFor();
                }
            } finally {
                warming.destroyForcibly().waitFor();
            }
        }
    }

    private static Process clients(int port, int count) throws IOException {
        Process child = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        IdleConnections.class.getName(),
                        "" + port,
                        "" + count)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        // A line tells that all are open and answered.
        child.inputReader().readLine();
        return child;
    }

    private static void beClients(int port, int count) throws IOException, InterruptedException {
        List<Socket> open = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Socket socket = new Socket("127.0.0.1", port);
            open.add(socket);
            socket.getOutputStream().write(Edge.GET.getBytes(StandardCharsets.US_ASCII));
            if (socket.getInputStream().read(new byte[4096]) <= 0) {
                throw new IOException("no answer");
            }
        }
        System.out.println("open " + open.size());
        Thread.sleep(600_000);
    }

    private static long[] measure(Edge edge, int expected) throws Exception {
        Edge.await(() -> edge.proxy.counters().openConnections() == expected);
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(300);
        }
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        long resident = 0;
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("RssAnon:")) {
                resident = Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        System.out.printf(
                "%d open: heap %,d, resident %,d, pooled direct %,d%n",
                expected,
                heap,
                resident,
                PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory());
        return new long[] {heap, resident};
    }
}
