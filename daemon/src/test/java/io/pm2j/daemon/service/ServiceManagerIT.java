package io.pm2j.daemon.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.Address;
import io.pm2j.daemon.service.ServiceManager.Handed;
import io.pm2j.proxy.listen.InheritedSockets.Opened;
import io.pm2j.proxy.listen.SocketKeeper.Kind;
import io.pm2j.supervisor.process.Posix;
import io.pm2j.supervisor.process.UnixDatagrams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Talks to a socket as service managers have it.
@Timeout(120)
class ServiceManagerIT {
    @TempDir
    Path folder;

    private int socket;
    private ServiceManager manager;
    private int[] pair;

    @BeforeEach
    void listen() throws IOException {
        Path path = folder.resolve("notify");
        socket = UnixDatagrams.bind(path);
        manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", path.toString()));
        pair = Posix.socketPair(true);
    }

    @AfterEach
    void close() {
        Posix.close(socket);
        Posix.close(pair[0]);
        Posix.close(pair[1]);
    }

    private UnixDatagrams.Datagram next() throws IOException {
        return Objects.requireNonNull(UnixDatagrams.receive(socket), "nothing was said");
    }

    private String text() throws IOException {
        return new String(next().bytes(), UTF_8);
    }

    @Test
    void withoutOneNothingIsSaid() {
        assertThat(ServiceManager.of(Map.of()).present()).isFalse();
        assertThat(ServiceManager.of(Map.of("NOTIFY_SOCKET", "vsock:2:1234")).present())
                .isFalse();
        ServiceManager.NONE.ready();
        ServiceManager.NONE.await();
        ServiceManager.NONE.keep("a", List.of(pair[0]));
    }

    @Test
    void tellsHowItIs() throws IOException {
        manager.ready();
        manager.stopping();
        manager.status("two\nlines");

        assertThat(text()).startsWith("READY=1\n");
        assertThat(text()).startsWith("STOPPING=1\n");
        assertThat(text()).isEqualTo("STATUS=two lines");
    }

    @Test
    void theDescriptorsThemselvesAreKept() throws IOException {
        manager.keep("some name", List.of(pair[0], pair[1]));

        UnixDatagrams.Datagram datagram = next();
        assertThat(new String(datagram.bytes(), UTF_8)).isEqualTo("FDSTORE=1\nFDNAME=some name");
        assertThat(datagram.descriptors()).hasSize(2);
        assertThat(Posix.send(datagram.descriptors().getFirst(), "x".getBytes(UTF_8), 0, -1))
                .isOne();
        assertThat(Posix.receive(pair[1])).containsExactly('x');
        datagram.descriptors().forEach(Posix::close);
    }

    @Test
    void moreThanOneMessageCanCarryGoInSeveral() throws IOException {
        List<Integer> many = new ArrayList<>();
        for (int i = 0; i < UnixDatagrams.MOST_DESCRIPTORS + 1; i++) {
            many.add(pair[0]);
        }
        manager.keep("many", many);

        UnixDatagrams.Datagram first = next();
        UnixDatagrams.Datagram second = next();
        assertThat(first.descriptors()).hasSize(UnixDatagrams.MOST_DESCRIPTORS);
        assertThat(second.descriptors()).hasSize(1);
        first.descriptors().forEach(Posix::close);
        second.descriptors().forEach(Posix::close);
    }

    @Test
    void waitsUntilAllWasDone() throws Exception {
        Thread waits = Thread.ofVirtual().start(manager::await);
        UnixDatagrams.Datagram datagram = UnixDatagrams.receive(socket);
        while (datagram == null) {
            Thread.onSpinWait();
            datagram = UnixDatagrams.receive(socket);
        }
        assertThat(new String(datagram.bytes(), UTF_8)).isEqualTo("BARRIER=1");
        assertThat(waits.isAlive()).isTrue();

        datagram.descriptors().forEach(Posix::close);

        assertThat(waits.join(java.time.Duration.ofSeconds(60))).isTrue();
    }

    @Test
    void oneThatDoesNothingIsWaitedForOnce() throws IOException {
        manager.await();
        next().descriptors().forEach(Posix::close);
        manager.await();
        assertThat(UnixDatagrams.receive(socket)).as("nothing is asked").isNull();
    }

    @Test
    void oneThatIsGoneIsNoFault() throws IOException {
        ServiceManager gone = ServiceManager.of(Map.of("NOTIFY_SOCKET", "@pm2j-nobody-" + System.nanoTime()));
        gone.ready();
        gone.await();
        gone.keep("a", List.of(pair[0]));
    }

    @Test
    void descriptorsAreForTheProcessThatIsNamedAlone() {
        assertThat(ServiceManager.handed(Map.of("LISTEN_PID", "1", "LISTEN_FDS", "2", "LISTEN_FDNAMES", "a:b")))
                .isEmpty();
        String own = String.valueOf(ProcessHandle.current().pid());
        assertThat(ServiceManager.handed(Map.of("LISTEN_PID", own, "LISTEN_FDS", "many")))
                .isEmpty();
    }

    @Test
    void namesSayWhatWasKept() throws IOException {
        KeptDescriptors kept = new KeptDescriptors(manager);
        List<Address> addresses = List.of(
                Address.anyInterface(80),
                new Address.Tcp("127.0.0.1", 0),
                new Address.Tcp("example.org", 65_535),
                new Address.Unix("/run/a b%41:c/ü.sock"));
        for (Address address : addresses) {
            for (Kind kind : Kind.values()) {
                kept.keep(kind, new Opened(address, List.of(pair[0]), ""));
            }
        }
        kept.keep("channel 7e57", pair[0]);
        List<Handed> handed = new ArrayList<>();
        for (int i = 0; i < 2 * addresses.size() + 1; i++) {
            UnixDatagrams.Datagram datagram = next();
            String name = new String(datagram.bytes(), UTF_8).split("FDNAME=")[1];
            assertThat(name).matches("[ -9;-~]{1,255}");
            handed.add(new Handed(name, datagram.descriptors().getFirst()));
        }

        KeptDescriptors.Left left = kept.sort(handed);

        for (Address address : addresses) {
            assertThat(left.sockets().take(address)).isPresent();
            assertThat(left.sockets().takeDatagrams(address)).isPresent();
        }
        assertThat(left.workers()).containsOnlyKeys("channel 7e57");
        handed.forEach(one -> Posix.close(one.fd()));
    }

    @Test
    void whatNobodyKnowsIsClosedAndKeptNoMore() throws IOException {
        int[] other = Posix.socketPair(true);
        List<Handed> handed = List.of(
                new Handed("listen nonsense", other[0]), new Handed("somebody's", other[1]), new Handed("", -1));

        KeptDescriptors.Left left = new KeptDescriptors(manager).sort(handed);

        assertThat(left.any()).isFalse();
        assertThat(text()).isEqualTo("FDSTOREREMOVE=1\nFDNAME=listen nonsense");
        assertThat(text()).isEqualTo("FDSTOREREMOVE=1\nFDNAME=somebody's");
        assertThat(UnixDatagrams.receive(socket)).isNull();
    }
}
