package io.pm2j.supervisor.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.Address;
import io.pm2j.supervisor.Specs;
import io.pm2j.supervisor.lifecycle.Phase;
import io.pm2j.supervisor.lifecycle.Wanted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InheritanceTest {
    @TempDir
    Path folder;

    @Test
    void isThereUntilAllAppsAreTakenUpAndNotForThoseThatComeLater() {
        AppHandover.Working worker = new AppHandover.Working(
                "7e57",
                3,
                true,
                false,
                "",
                Optional.empty(),
                List.of(),
                List.of(),
                Map.of(),
                new AppHandover.Watched(true, false, Optional.empty(), OptionalInt.empty()));
        Inheritance inheritance =
                new Inheritance(List.of(new AppHandover("web", List.of(), List.of(), List.of(worker))));
        assertThat(inheritance.app("web")).isPresent();
        assertThat(inheritance.worker("7e57")).contains(worker);
        assertThat(inheritance.lastId()).isEqualTo(3);

        inheritance.isTaken();

        assertThat(inheritance.any()).isTrue();
        assertThat(inheritance.app("web")).isEmpty();
        assertThat(inheritance.worker("7e57")).isEmpty();
    }

    @Test
    void afterAKillWorkersGoOnWhoseChannelsWereKeptAndThatAskedForNothing() throws IOException {
        SupervisorHome home = new SupervisorHome(folder);
        Files.createDirectories(home.torn());
        Files.createFile(home.torn("torn"));
        AppRecord record = record(
                worker("serves", 4, connected(4, true, true)),
                worker("asks", 5, connected(5, true, false)),
                worker("torn", 6, connected(6, true, true)),
                worker("lost", 7, connected(7, true, true)),
                worker("young", 8, new AppRecord.Connected(8, true, false, false, List.of(), Map.of())));

        Inheritance inheritance = Inheritance.afterKill(
                home,
                List.of(record),
                Map.of("channel serves", 100, "channel asks", 101, "channel torn", 102, "channel young", 103));

        assertThat(inheritance
                        .worker("serves")
                        .orElseThrow()
                        .channel()
                        .orElseThrow()
                        .fd())
                .isEqualTo(100);
        assertThat(List.of("asks", "torn", "lost", "young"))
                .allMatch(token -> inheritance.worker(token).isEmpty());
        assertThat(inheritance.lastId()).isEqualTo(4);
        inheritance.isTaken("channel serves");
        assertThat(inheritance.left()).containsOnlyKeys("channel asks", "channel torn", "channel young");
        assertThat(inheritance.left()).isEmpty();
    }

    @Test
    void oneThatServesNobodyGoesOnOnceItHadItsTimeToAskForAPort() {
        AppRecord.Connected background = new AppRecord.Connected(8, true, false, false, List.of(), Map.of());
        long now = System.currentTimeMillis();

        assertThat(background.settled(now, Duration.ofSeconds(60))).isFalse();
        assertThat(background.settled(now - 60_001, Duration.ofSeconds(60))).isTrue();
    }

    private static AppRecord.Connected connected(long id, boolean serves, boolean listening) {
        return new AppRecord.Connected(
                id,
                true,
                serves,
                false,
                List.of(new AppHandover.Granted("k", Address.anyInterface(80), listening, Optional.empty())),
                Map.of());
    }

    private static AppRecord.WorkerRecord worker(String token, int generation, AppRecord.Connected connected) {
        return new AppRecord.WorkerRecord(
                "1:2:3",
                token,
                generation,
                OptionalInt.empty(),
                System.currentTimeMillis(),
                false,
                true,
                Optional.of(connected));
    }

    private static AppRecord record(AppRecord.WorkerRecord... workers) {
        return new AppRecord(
                Specs.cluster("web", "/srv/app.js", 1),
                0,
                List.of(new AppRecord.InstanceRecord(
                        0, 0, Wanted.UP, Phase.STOPPED, 0, List.of(), 0, "next", List.of(workers))));
    }
}
