package io.pm2j.daemon.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.Address;
import io.pm2j.daemon.edge.EdgePlan.Place;
import io.pm2j.supervisor.durable.StateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EdgePortsTest {
    private static final Place ANY = new Place(new Address.Tcp("127.0.0.1", 0), false);
    private static final Place ANY_UDP = new Place(new Address.Tcp("127.0.0.1", 0), true);
    private static final Place FIXED = new Place(new Address.Tcp("127.0.0.1", 80), false);

    @TempDir
    Path folder;

    private EdgePorts ports() {
        return new EdgePorts(new StateFile(folder.resolve("ports.json")));
    }

    @Test
    void onlyPort0IsRememberedAndByItsProtocol() {
        ports().become(
                        Map.of(
                                ANY, new Address.Tcp("127.0.0.1", 4000),
                                ANY_UDP, new Address.Tcp("127.0.0.1", 5000),
                                FIXED, new Address.Tcp("127.0.0.1", 80)),
                        Set.of());

        assertThat(ports().first(ANY)).isEqualTo(new Address.Tcp("127.0.0.1", 4000));
        assertThat(ports().first(ANY_UDP)).isEqualTo(new Address.Tcp("127.0.0.1", 5000));
        assertThat(ports().first(FIXED)).isEqualTo(FIXED.address());
    }

    @Test
    void whatIsNotTakenUpYetIsNotForgottenAndWhatIsClosedIs() {
        ports().become(Map.of(ANY, new Address.Tcp("127.0.0.1", 4000)), Set.of());
        ports().become(Map.of(ANY_UDP, new Address.Tcp("127.0.0.1", 5000)), Set.of());
        assertThat(ports().first(ANY)).isEqualTo(new Address.Tcp("127.0.0.1", 4000));

        ports().become(Map.of(), Set.of(ANY));

        assertThat(ports().first(ANY)).isEqualTo(ANY.address());
        assertThat(ports().first(ANY_UDP)).isEqualTo(new Address.Tcp("127.0.0.1", 5000));
    }

    @Test
    void aDamagedFileIsNone() throws IOException {
        Files.writeString(folder.resolve("ports.json"), "{\"tcp 127.0.0.1:0\": \"x\"}");

        assertThat(ports().first(ANY)).isEqualTo(ANY.address());
    }
}
