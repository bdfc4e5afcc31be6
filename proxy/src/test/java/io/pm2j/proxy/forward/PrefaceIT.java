package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.Address;
import io.pm2j.config.spec.edge.Cidr;
import io.pm2j.config.spec.edge.ListenerSpec.ProxyVersion;
import io.pm2j.proxy.Listener;
import io.pm2j.proxy.preface.ProxyHeaderWriter;
import io.pm2j.proxy.upstream.EndpointSpec;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// PROXY headers from clients and to origins, over real sockets.
@Timeout(180)
final class PrefaceIT {
    private static final ListenerOptions TAKES =
            new ListenerOptions(true, List.of(Cidr.parse("127.0.0.0/8")), Optional.empty(), Optional.empty());
    private static final InetSocketAddress CLIENT = new InetSocketAddress("203.0.113.7", 4711);
    private static final InetSocketAddress PUBLIC = new InetSocketAddress("198.51.100.1", 8443);

    private static Edge.Client connect(Listener listener) throws IOException {
        Socket socket = new Socket("127.0.0.1", ((Address.Tcp) listener.address()).port());
        socket.setSoTimeout(60_000);
        socket.setTcpNoDelay(true);
        return new Edge.Client(socket);
    }

    private static Listener listen(Edge edge, ListenerOptions options) throws Exception {
        return edge.proxy.listen(new Address.Tcp("127.0.0.1", 0), new Target.App(edge.app), options);
    }

    private static ListenerOptions sends(ProxyVersion version) {
        return new ListenerOptions(false, List.of(), Optional.of(version), Optional.empty());
    }

    @ParameterizedTest
    @EnumSource
    void theHeadersClientIsTheClientForTheWorker(ProxyVersion version) throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1));
                Edge.Client client = connect(listen(edge, TAKES))) {
            client.socket.getOutputStream().write(ProxyHeaderWriter.write(version, CLIENT, PUBLIC));
            client.say(Edge.GET);

            assertThat(client.response())
                    .contains("X-Forwarded-For: 203.0.113.7\r\n")
                    .contains("X-Forwarded-Port: 8443\r\n");
            assertThat(edge.count(Count.PROXY_HEADERS_TAKEN)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aHeaderMayBeSplitAnywhere(ProxyVersion version) throws Exception {
        byte[] header = ProxyHeaderWriter.write(version, CLIENT, PUBLIC);
        byte[] request = Edge.GET.getBytes(StandardCharsets.US_ASCII);
        byte[] all = new byte[header.length + request.length];
        System.arraycopy(header, 0, all, 0, header.length);
        System.arraycopy(request, 0, all, header.length, request.length);
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1))) {
            Listener listener = listen(edge, TAKES);
            for (int i = 1; i < all.length; i++) {
                try (Edge.Client client = connect(listener)) {
                    long before = edge.count(Count.BYTES_FROM_CLIENTS);
                    client.socket.getOutputStream().write(all, 0, i);
                    int first = i;
                    if (i > header.length) {
                        // The first part has been read on its own.
                        Edge.await(() -> edge.count(Count.BYTES_FROM_CLIENTS) >= before + first - header.length);
                    }
                    client.socket.getOutputStream().write(all, i, all.length - i);
                    assertThat(client.response()).as("split at %d", i).contains("X-Forwarded-For: 203.0.113.7\r\n");
                }
            }
        }
    }

    @Test
    void aHeaderMayComeByteByByte() throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1));
                Edge.Client client = connect(listen(edge, TAKES))) {
            for (byte b : ProxyHeaderWriter.write(ProxyVersion.V2, CLIENT, PUBLIC)) {
                client.socket.getOutputStream().write(b);
            }
            client.say(Edge.GET);

            assertThat(client.response()).contains("X-Forwarded-For: 203.0.113.7\r\n");
        }
    }

    @Test
    void anUnnamedClientIsThePeer() throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1));
                Edge.Client client = connect(listen(edge, TAKES))) {
            client.say("PROXY UNKNOWN\r\n" + Edge.GET);

            assertThat(client.response()).contains("X-Forwarded-For: 127.0.0.1\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Edge.GET, "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n", "\r\n\r\n\0x", "PROXY UNKNOWN\n"})
    void aMissingOrMalformedHeaderEndsTheConnection(String bytes) throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1));
                Edge.Client client = connect(listen(edge, TAKES))) {
            client.say(bytes);

            assertEnds(client);
            assertThat(edge.count(Count.PROXY_HEADERS_REFUSED)).isEqualTo(1);
            assertThat(echo.accepted).hasValue(0);
        }
    }

    /// Closed with bytes unread, a socket answers with a reset.
    private static void assertEnds(Edge.Client client) {
        String came;
        try {
            came = client.rest();
        } catch (IOException reset) {
            came = "";
        }
        assertThat(came).isEmpty();
    }

    @Test
    void aPeerThatIsNotTrustedIsNotLetIn() throws Exception {
        ListenerOptions others =
                new ListenerOptions(true, List.of(Cidr.parse("10.0.0.0/8")), Optional.empty(), Optional.empty());
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1));
                Edge.Client client = connect(listen(edge, others))) {
            assertEnds(client);
            assertThat(edge.count(Count.PROXY_HEADERS_REFUSED)).isEqualTo(1);
        }
    }

    @Test
    void aHeaderHasATimeOfItsOwn() throws Exception {
        ProxyOptions quick = ProxyOptions.defaults()
                .withClientTimeouts(Duration.ofSeconds(60), Duration.ofMillis(300), Duration.ofSeconds(1));
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(quick, echo.endpoint(1))) {
            Listener listener = listen(edge, TAKES);
            try (Edge.Client silent = connect(listener);
                    Edge.Client slow = connect(listener)) {
                slow.say("PROXY TCP4 1.2.");

                assertEnds(silent);
                assertEnds(slow);
                assertThat(edge.count(Count.PROXY_HEADER_TIMEOUTS)).isEqualTo(2);
            }
        }
    }

    @Test
    void closingTheListenerEndsTheConnectionsWithoutHeader() throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1))) {
            Listener listener = listen(edge, TAKES);
            // Once the later one is answered the earlier one has been accepted.
            try (Edge.Client silent = connect(listener);
                    Edge.Client named = connect(listener)) {
                named.say("PROXY UNKNOWN\r\n" + Edge.GET);
                assertThat(named.response()).startsWith("HTTP/1.1 200");
                listener.close();

                assertEnds(silent);
                assertThat(named.rest()).isEmpty();
            }
        }
    }

    @Test
    void whoOpensTheUnixSocketIsTrusted(@TempDir Path folder) throws Exception {
        try (ScriptedOrigin echo = ScriptedOrigin.echo();
                Edge edge = Edge.relaying(echo.endpoint(1))) {
            Path path = folder.resolve("s");
            edge.proxy.listen(new Address.Unix(path.toString()), new Target.App(edge.app), TAKES);
            try (var channel = java.nio.channels.SocketChannel.open(java.net.UnixDomainSocketAddress.of(path))) {
                channel.write(java.nio.ByteBuffer.wrap(
                        ("PROXY TCP4 1.2.3.4 1.2.3.5 1 2\r\n" + Edge.GET).getBytes(StandardCharsets.US_ASCII)));
                InputStream in = java.nio.channels.Channels.newInputStream(channel);

                assertThat(ScriptedOrigin.readHead(in)).startsWith("HTTP/1.1 200");
                assertThat(ScriptedOrigin.readHead(in)).contains("X-Forwarded-For: 1.2.3.4\r\n");
            }
        }
    }

    // ---- to origins ----------------------------------------------------------------------------------

    /// Notes the first line of each connection, then echoes like any other.
    private static ScriptedOrigin noting(BlockingQueue<String> lines) throws IOException {
        return new ScriptedOrigin((in, out) -> {
            lines.add(readLine(in));
            for (String head = ScriptedOrigin.readHead(in); !head.isEmpty(); head = ScriptedOrigin.readHead(in)) {
                out.write(ScriptedOrigin.response("200 OK", head.getBytes(StandardCharsets.ISO_8859_1)));
                out.flush();
            }
        });
    }

    private static String readLine(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.append('\n').toString();
    }

    private static String header(Edge.Client client) {
        return "PROXY TCP4 127.0.0.1 127.0.0.1 " + client.socket.getLocalPort() + " " + client.socket.getPort()
                + "\r\n";
    }

    @Test
    void eachClientsConnectionToAWorkerBeginsWithItsName() throws Exception {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        try (ScriptedOrigin origin = noting(lines);
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            Listener listener = listen(edge, sends(ProxyVersion.V1));
            try (Edge.Client one = connect(listener);
                    Edge.Client other = connect(listener)) {
                for (int i = 0; i < 3; i++) {
                    one.say(Edge.GET);
                    assertThat(one.response()).startsWith("HTTP/1.1 200");
                    other.say(Edge.GET);
                    assertThat(other.response()).startsWith("HTTP/1.1 200");
                }

                // Both may have been opened at once, before it was known who speaks first.
                assertThat(lines).containsExactlyInAnyOrder(header(one), header(other));
            }
            Edge.await(() -> origin.openConnections() == 0);
        }
    }

    @Test
    void aConnectionWithANameIsNotUsedByAListenerWithoutHeaders() throws Exception {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        try (ScriptedOrigin origin = noting(lines);
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client named = connect(listen(edge, sends(ProxyVersion.V1)));
                Edge.Client plain = edge.connect()) {
            named.say(Edge.GET);
            assertThat(named.response()).startsWith("HTTP/1.1 200");
            plain.say(Edge.GET);

            Edge.await(() -> lines.size() == 2);
            assertThat(lines).containsExactly(header(named), "GET /x HTTP/1.1\r\n");
        }
    }

    @Test
    void aDrainClosesTheIdleConnectionsOfClients() throws Exception {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        try (ScriptedOrigin origin = noting(lines);
                ScriptedOrigin next = noting(lines);
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = connect(listen(edge, sends(ProxyVersion.V1)))) {
            client.say(Edge.GET);
            assertThat(client.response()).startsWith("HTTP/1.1 200");
            edge.app.admit(java.util.Set.of(next.endpoint(2)));
            edge.app.awaitIdle(1, Duration.ofSeconds(60));

            Edge.await(() -> origin.openConnections() == 0);
            client.say(Edge.GET);
            assertThat(client.response()).startsWith("HTTP/1.1 200");
            assertThat(lines).containsExactly(header(client), header(client));
        }
    }

    @Test
    void aTakenHeaderIsPassedOn() throws Exception {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        ListenerOptions both = new ListenerOptions(
                true, List.of(Cidr.parse("127.0.0.1")), Optional.of(ProxyVersion.V1), Optional.empty());
        try (ScriptedOrigin origin = noting(lines);
                Edge edge = Edge.relaying(origin.endpoint(1));
                Edge.Client client = connect(listen(edge, both))) {
            client.socket.getOutputStream().write(ProxyHeaderWriter.write(ProxyVersion.V2, CLIENT, PUBLIC));
            client.say(Edge.GET);

            assertThat(client.response()).startsWith("HTTP/1.1 200");
            assertThat(lines).containsExactly("PROXY TCP4 203.0.113.7 198.51.100.1 4711 8443\r\n");
        }
    }

    @Test
    void theBinaryHeaderComesBeforeTheBytesOfATcpListener() throws Exception {
        BlockingQueue<byte[]> began = new LinkedBlockingQueue<>();
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> began.add(in.readNBytes(28 + 5)));
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            Listener listener = edge.proxy.listen(
                    new Address.Tcp("127.0.0.1", 0), new Target.Bytes(edge.app), sends(ProxyVersion.V2));
            try (Edge.Client client = connect(listener)) {
                client.say("hello");
                byte[] all = began.poll(60, TimeUnit.SECONDS);

                byte[] header = ProxyHeaderWriter.write(
                        ProxyVersion.V2, client.socket.getLocalSocketAddress(), client.socket.getRemoteSocketAddress());
                assertThat(all).startsWith(header).endsWith("hello".getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    @Test
    void anEndpointThatRefusesIsReplacedBeforeTheHeaderIsLost() throws Exception {
        EndpointSpec gone;
        try (ScriptedOrigin closed = ScriptedOrigin.echo()) {
            gone = closed.endpoint(1);
        }
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        try (ScriptedOrigin origin = noting(lines);
                Edge edge = Edge.relaying(gone, origin.endpoint(2))) {
            Listener listener = listen(edge, sends(ProxyVersion.V1));
            for (int i = 0; i < 4; i++) {
                try (Edge.Client client = connect(listener)) {
                    client.say(Edge.GET);
                    assertThat(client.response()).startsWith("HTTP/1.1 200");
                    assertThat(lines.poll(10, TimeUnit.SECONDS)).isEqualTo(header(client));
                }
            }
        }
    }
}
