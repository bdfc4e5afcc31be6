package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/// Bodies much larger than what may be kept of them, with the receiving side too slow. It looks at
/// the memory of the whole process, so nothing else may run beside it.
@Isolated
@Timeout(180)
final class LargeBodyIT {
    private static final int MB = 1024 * 1024;
    /// The proxy holds some hundred KiB per connection; the rest of this is noise of the JVM and the test.
    private static final long MOST_GROWTH = 8L * MB;

    private static long used() {
        System.gc();
        return direct()
                + ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long direct() {
        return PlatformDependent.usedDirectMemory();
    }

    private static void write(OutputStream out, long bytes) throws IOException {
        byte[] piece = new byte[256 * 1024];
        for (long left = bytes; left > 0; left -= piece.length) {
            out.write(piece, 0, (int) Math.min(piece.length, left));
        }
    }

    /// Reads `bytes`, pausing now and then, and tells the most memory in use at a pause beyond `before`.
    private static long readSlowly(InputStream in, long bytes, long before) throws IOException {
        byte[] buffer = new byte[256 * 1024];
        long most = 0;
        long read = 0;
        for (long next = 0; read < bytes; ) {
            if (read >= next) {
                // Long enough for a sender without brakes to fill the memory.
                LockSupport.parkNanos(60_000_000);
                most = Math.max(most, used() - before);
                next += bytes / 6;
            }
            int n = in.read(buffer, 0, (int) Math.min(buffer.length, bytes - read));
            if (n < 0) {
                throw new IOException("ended after " + read + " bytes");
            }
            read += n;
        }
        return most;
    }

    @Test
    void uploadsToASlowOriginWithoutKeepingTheBody() throws Exception {
        long size = 64L * MB;
        CompletableFuture<Long> growth = new CompletableFuture<>();
        long[] before = new long[1];
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    if (ScriptedOrigin.readHead(in).isEmpty()) {
                        return;
                    }
                    growth.complete(readSlowly(in, size, before[0]));
                    out.write(ScriptedOrigin.response("200 OK", new byte[] {'k'}));
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            before[0] = used();
            // PUT may be sent again, so a little of its body is kept: a little.
            client.say("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + size + "\r\n\r\n");
            write(client.socket.getOutputStream(), size);
            client.socket.shutdownOutput();
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            assertThat(growth.get(1, TimeUnit.SECONDS)).isLessThan(MOST_GROWTH);
        }
    }

    @Test
    void uploadsChunksToASlowOrigin() throws Exception {
        int chunks = 64;
        String size = Integer.toHexString(MB) + "\r\n";
        long length = chunks * (size.length() + MB + 2L) + 5;
        CompletableFuture<Long> growth = new CompletableFuture<>();
        long[] before = new long[1];
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    if (ScriptedOrigin.readHead(in).isEmpty()) {
                        return;
                    }
                    growth.complete(readSlowly(in, length, before[0]));
                    out.write(ScriptedOrigin.response("200 OK", new byte[] {'k'}));
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            before[0] = used();
            client.say("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < chunks; i++) {
                client.say(size);
                write(client.socket.getOutputStream(), MB);
                client.say("\r\n");
            }
            client.say("0\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            assertThat(growth.get(1, TimeUnit.SECONDS)).isLessThan(MOST_GROWTH);
        }
    }

    @Test
    void downloadsToASlowClientWithoutKeepingTheBody() throws Exception {
        long size = 100L * MB;
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    if (!ScriptedOrigin.readHead(in).isEmpty()) {
                        out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                        write(out, size);
                    }
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            long before = used();
            client.say(Edge.GET);
            client.head();
            assertThat(readSlowly(client.in, size, before)).isLessThan(MOST_GROWTH);
        }
    }

    @Test
    void downloadsUntilTheEndToASlowClientAfterTheOriginHasGone() throws Exception {
        long size = 8L * MB;
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    if (!ScriptedOrigin.readHead(in).isEmpty()) {
                        out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                        write(out, size);
                    }
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            long before = used();
            client.say(Edge.GET);
            client.head();
            assertThat(readSlowly(client.in, size, before)).isLessThan(MOST_GROWTH);
            assertThat(client.in.read()).isNegative();
        }
    }

    /// With the FIN all that is left is at hand at once, and a channel takes it all then, paused or not.
    @Test
    void keepsTheRestInTheKernelAfterTheOriginsFin() throws Exception {
        long size = 16L * MB;
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    if (!ScriptedOrigin.readHead(in).isEmpty()) {
                        out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                        write(out, size);
                    }
                });
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            long before = direct();
            long most = before;
            // How much is left at the FIN is the kernel's choice.
            for (int i = 0; i < 8; i++) {
                try (Edge.Client client = edge.connect()) {
                    client.say(Edge.GET);
                    client.head();
                    for (long left = size; left > 0; left -= MB / 4) {
                        assertThat(client.in.readNBytes(MB / 4)).hasSize(MB / 4);
                        LockSupport.parkNanos(5_000_000);
                        most = Math.max(most, direct());
                    }
                    assertThat(client.in.read()).isNegative();
                }
            }
            assertThat(most - before).isLessThan(MB);
        }
    }
}
