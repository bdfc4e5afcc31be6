package io.pm2j.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.app.AppJournal;
import io.pm2j.supervisor.app.Feed;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.ProgramMessage;
import io.pm2j.supervisor.app.Progress;
import io.pm2j.supervisor.app.ReloadTerms;
import io.pm2j.supervisor.app.SupervisorHome;
import io.pm2j.supervisor.traffic.FakeTrafficGate;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Unmodified programs with `dgram` in cluster mode.
@ExtendWith(NoChildrenLeft.class)
@Timeout(120)
class SharedDatagramsIT {
    private static final String ECHO = """
            const d = require('dgram').createSocket('TYPE');
            d.on('message', (m, from) => d.send(process.pid + ' ' + m, from.port, from.address));
            d.bind(PORT, () => process.send({ port: d.address().port }));
            """;

    @TempDir
    Path folder;

    private final AtomicInteger ids = new AtomicInteger();
    private Supervisor supervisor;

    @BeforeEach
    void open() throws IOException {
        Path home = Files.createDirectory(folder.resolve("home"));
        supervisor =
                new Supervisor(new SupervisorHome(home), new FakeTrafficGate(), AppJournal.NONE, ids::getAndIncrement);
    }

    @AfterEach
    void close() {
        supervisor.close();
    }

    private AppSpec echo(String type, int port, int instances) throws IOException {
        String source = ECHO.replace("TYPE", type).replace("PORT", String.valueOf(port));
        return Specs.cluster(
                "app", Files.writeString(folder.resolve("app.js"), source).toString(), instances);
    }

    private boolean start(AppSpec spec) throws InterruptedException {
        return supervisor.add(spec) && supervisor.start(spec.name(), Progress.SILENT);
    }

    /// None of those that the kernel gives to whoever asks for any: it stays free until a worker wants it.
    private static int freePort() {
        Random random = new Random();
        while (true) {
            int port = 10_000 + random.nextInt(9_000);
            try (DatagramSocket _ = new DatagramSocket(port)) {
                return port;
            } catch (IOException e) {
                // somebody else's
            }
        }
    }

    private static DatagramSocket client(int port) throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static String ask(DatagramSocket client, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        client.send(new DatagramPacket(bytes, bytes.length));
        return receive(client);
    }

    private static String receive(DatagramSocket client) throws IOException {
        DatagramPacket answer = new DatagramPacket(new byte[200], 200);
        client.receive(answer);
        return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII);
    }

    private Set<String> pids() {
        Set<String> pids = new HashSet<>();
        for (ProcessView view : supervisor.processes()) {
            pids.add(String.valueOf(view.pid()));
        }
        return pids;
    }

    @Test
    void workersShareOneSocketAndAreReadyWhenTheyReceive() throws Exception {
        int port = freePort();
        assertThat(start(echo("udp4", port, 2))).isTrue();

        try (DatagramSocket client = client(port)) {
            String answer = ask(client, "x");
            assertThat(answer).endsWith(" x");
            assertThat(pids()).hasSize(2).contains(answer.substring(0, answer.length() - 2));
        }
        Eventually.holds(
                "the socket is shown",
                () -> supervisor.apps().getFirst().listens().contains("udp 0.0.0.0:" + port));
    }

    @Test
    void aSocketOfIpv6TakesBothFamilies() throws Exception {
        int port = freePort();
        assertThat(start(echo("udp6", port, 1))).isTrue();

        try (DatagramSocket client = client(port)) {
            assertThat(ask(client, "y")).endsWith(" y");
        }
    }

    @Test
    void anyFreePortIsTheSameForAllWorkersAndStaysOverAReload() throws Exception {
        Set<String> said = new HashSet<>();
        try (Feed.Follower<ProgramMessage> follower = supervisor.messages().follow()) {
            assertThat(start(echo("udp4", 0, 2))).isTrue();
            said.add(follower.next().json());
            said.add(follower.next().json());
            assertThat(supervisor.reload(
                            new AppName("app"), Set.of(), Optional.empty(), ReloadTerms.USUAL, Progress.SILENT))
                    .isTrue();
            said.add(follower.next().json());
            said.add(follower.next().json());
        }

        assertThat(said).hasSize(1).first().asString().startsWith("{\"port\":").doesNotContain("{\"port\":0}");
    }

    /// The program answers at once and dies at the signal: what it had read by then is all that
    /// can be lost.
    @Test
    void aReloadNeverRefusesADatagramAndLosesNoMoreThanIsInFlight() throws Exception {
        int port = freePort();
        assertThat(start(echo("udp4", port, 2))).isTrue();
        Set<String> before = pids();
        CompletableFuture<Boolean> reload = new CompletableFuture<>();
        int lost = 0;
        Set<String> answered = new HashSet<>();
        try (DatagramSocket client = client(port)) {
            assertThat(ask(client, "0")).endsWith(" 0");
            client.setSoTimeout(10_000);
            Thread.ofVirtual().start(() -> {
                try {
                    reload.complete(supervisor.reload(
                            new AppName("app"), Set.of(), Optional.empty(), ReloadTerms.USUAL, Progress.SILENT));
                } catch (InterruptedException | RuntimeException e) {
                    reload.completeExceptionally(e);
                }
            });
            // A datagram to a port that nobody holds would fail with "port unreachable".
            while (!reload.isDone()) {
                try {
                    String answer = ask(client, "n");
                    answered.add(answer.substring(0, answer.indexOf(' ')));
                } catch (SocketTimeoutException e) {
                    lost++;
                }
            }
            assertThat(reload.join()).isTrue();
            // One that was late may still come before it.
            String last = ask(client, "1");
            while (!last.endsWith(" 1")) {
                last = receive(client);
            }
            assertThat(pids()).contains(last.substring(0, last.indexOf(' ')));
        }

        assertThat(pids()).hasSize(2).doesNotContainAnyElementsOf(before);
        // Asked all the time; one is in flight at a time, and two workers were ended.
        assertThat(lost).isLessThanOrEqualTo(2);
        assertThat(answered).as("before the old ones went").containsAnyElementsOf(before);
    }

    @Test
    void thePortIsGivenBackWithTheApp() throws Exception {
        int port = freePort();
        assertThat(start(echo("udp4", port, 1))).isTrue();
        assertThat(supervisor.delete(new AppName("app"), Set.of(), Progress.SILENT))
                .isTrue();

        try (DatagramSocket free = new DatagramSocket(port, InetAddress.getByName("0.0.0.0"))) {
            assertThat(free.getLocalPort()).isEqualTo(port);
        }
    }

    @Test
    void aTakenPortIsNamedAndTheStartFails() throws Exception {
        List<String> errors = new CopyOnWriteArrayList<>();
        Progress heard = new Progress() {
            @Override
            public void info(String sentence) {}

            @Override
            public void warn(String sentence) {}

            @Override
            public void error(String sentence) {
                errors.add(sentence);
            }
        };
        try (DatagramSocket other = new DatagramSocket(0, InetAddress.getByName("0.0.0.0"))) {
            AppSpec spec = echo("udp4", other.getLocalPort(), 1);

            assertThat(supervisor.add(spec) && supervisor.start(spec.name(), heard))
                    .isFalse();
            assertThat(errors)
                    .anySatisfy(sentence -> assertThat(sentence)
                            .contains("udp 0.0.0.0:" + other.getLocalPort() + " is in use by another process"));
        }
    }
}
