package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pm2j.config.Address;
import io.pm2j.proxy.files.SiteOptions;
import io.pm2j.proxy.files.StaticSite;
import io.pm2j.proxy.transport.Transport;
import io.pm2j.proxy.upstream.EndpointSpec;
import io.pm2j.proxy.upstream.Origin;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What works whatever drives the sockets.
@Timeout(180)
final class TransportIT {
    private static final ProxyOptions OPTIONS = ProxyOptions.defaults().withHold(Duration.ofMillis(600), 100);
    private static final int LARGE = 6 * 1024 * 1024;

    private final byte[] large = new byte[LARGE];

    TransportIT() {
        new Random(7).nextBytes(large);
    }

    private static void here(Transport transport) {
        assumeTrue(Transport.wanted(transport.toString()) == transport, transport + " cannot be used here");
    }

    private void answer(InputStream in, OutputStream out) throws IOException {
        for (String head = ScriptedOrigin.readHead(in); !head.isEmpty(); head = ScriptedOrigin.readHead(in)) {
            if (head.startsWith("POST")) {
                boolean same = Arrays.equals(in.readNBytes(LARGE), large);
                out.write(ScriptedOrigin.response("200 OK", String.valueOf(same).getBytes(StandardCharsets.US_ASCII)));
            } else {
                out.write(ScriptedOrigin.response("200 OK", large));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void relaysBodiesBothWaysOnConnectionsUsedAgain(Transport transport) throws Exception {
        here(transport);
        try (ScriptedOrigin origin = new ScriptedOrigin(this::answer);
                Edge edge = Edge.relaying(transport, OPTIONS, origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            exchangeTwice(client);
            // A POST after a pause takes a connection of its own.
            assertThat(origin.accepted).hasValueLessThan(4);
        }
    }

    private void exchangeTwice(Edge.Client client) throws IOException {
        for (int i = 0; i < 2; i++) {
            client.say(Edge.GET);
            client.head();
            assertThat(client.in.readNBytes(LARGE)).isEqualTo(large);
            client.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + LARGE + "\r\n\r\n");
            client.socket.getOutputStream().write(large);
            assertThat(client.response()).endsWith("true");
        }
    }

    @ParameterizedTest
    @EnumSource
    void reachesAndListensAtUnixSockets(Transport transport, @TempDir Path folder) throws Exception {
        here(transport);
        Path app = folder.resolve("app.sock");
        Path door = folder.resolve("door.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(app));
            Thread.ofVirtual().start(() -> {
                try (SocketChannel accepted = server.accept()) {
                    answer(Channels.newInputStream(accepted), Channels.newOutputStream(accepted));
                } catch (IOException e) {
                    // The test is over.
                }
            });
            EndpointSpec endpoint = new EndpointSpec(1, new Origin.At(new Address.Unix(app.toString())));
            try (Edge edge = Edge.relaying(transport, OPTIONS, endpoint)) {
                edge.proxy.listen(new Address.Unix(door.toString()), new Target.App(edge.app));
                try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(door))) {
                    Channels.newOutputStream(client).write(Edge.GET.getBytes(StandardCharsets.US_ASCII));
                    InputStream in = Channels.newInputStream(client);
                    assertThat(ScriptedOrigin.readHead(in)).startsWith("HTTP/1.1 200 ");
                    assertThat(in.readNBytes(LARGE)).isEqualTo(large);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void servesFiles(Transport transport, @TempDir Path folder) throws Exception {
        here(transport);
        Files.write(folder.resolve("large.bin"), large);
        Files.writeString(folder.resolve("small.txt"), "0123456789");
        try (Edge edge = Edge.serving(transport, OPTIONS, StaticSite.open(folder, SiteOptions.defaults()));
                Edge.Client client = edge.connect()) {
            client.say("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.head()).startsWith("HTTP/1.1 200 ");
            assertThat(client.in.readNBytes(LARGE)).isEqualTo(large);
            client.say("GET /small.txt HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.response()).endsWith("0123456789");
        }
    }

    /// The side that has ended keeps receiving, however slowly.
    @ParameterizedTest
    @EnumSource
    void tunnelsEndOneHalfAtATime(Transport transport) throws Exception {
        here(transport);
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    ScriptedOrigin.readHead(in);
                    out.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: raw\r\nConnection: upgrade\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
                    boolean same = Arrays.equals(in.readAllBytes(), large);
                    out.write(large);
                    out.write(large);
                    out.write(String.valueOf(same).getBytes(StandardCharsets.US_ASCII));
                });
                Edge edge = Edge.relaying(transport, OPTIONS, origin.endpoint(1));
                Edge.Client client = edge.connect()) {
            client.say("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: raw\r\n\r\n");
            assertThat(client.head()).contains("101");
            client.socket.getOutputStream().write(large);
            client.socket.shutdownOutput();
            for (int i = 0; i < 2; i++) {
                java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
                assertThat(client.in.readNBytes(LARGE)).isEqualTo(large);
            }
            assertThat(client.rest()).isEqualTo("true");
        }
    }
}
