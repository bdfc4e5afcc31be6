package io.pm2j.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.AppName;
import io.pm2j.supervisor.app.AppJournal;
import io.pm2j.supervisor.app.Progress;
import io.pm2j.supervisor.app.SupervisorHome;
import io.pm2j.supervisor.traffic.FakeTrafficGate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What is left when somebody has everything stand still.
@ExtendWith(NoChildrenLeft.class)
class StillnessIT {
    private static final Duration JOIN = Duration.ofSeconds(30);
    private static final int ROUNDS = 300;
    private static final int LATEST_NANOS = 1_500_000;

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

    @Test
    @Timeout(120)
    void anInterruptionAtAnyMomentLeavesNothingStanding() throws Exception {
        Path script = Files.writeString(folder.resolve("app.js"), "setInterval(() => {}, 1000)");
        for (String name : new String[] {"one", "two", "three"}) {
            assertThat(supervisor.add(Specs.fork(name, script.toString()))).isTrue();
            assertThat(supervisor.start(new AppName(name), Progress.SILENT)).isTrue();
        }
        Random random = new Random(7);

        for (int i = 0; i < ROUNDS; i++) {
            Thread asking = Thread.ofVirtual().start(this::standStill);
            LockSupport.parkNanos(random.nextInt(LATEST_NANOS));
            asking.interrupt();
            assertThat(asking.join(JOIN)).as("round %d", i).isTrue();
        }

        assertThat(supervisor.restart(new AppName("two"), Set.of(), Optional.empty(), Progress.SILENT))
                .isTrue();
    }

    private void standStill() {
        try {
            supervisor.standStill(Duration.ofMillis(50)).end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
