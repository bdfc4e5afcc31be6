package io.pm2j.supervisor.durable;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.Specs;
import io.pm2j.supervisor.app.AppHandover.Granted;
import io.pm2j.supervisor.app.AppHandover.Listening;
import io.pm2j.supervisor.app.AppHandover.Receiving;
import io.pm2j.supervisor.app.AppRecord;
import io.pm2j.supervisor.app.AppRecord.InstanceRecord;
import io.pm2j.supervisor.app.AppRecord.WorkerRecord;
import io.pm2j.supervisor.lifecycle.Phase;
import io.pm2j.supervisor.lifecycle.Wanted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileJournalTest {
    @TempDir
    Path folder;

    private final List<String> problems = new ArrayList<>();
    private FileJournal journal;

    @BeforeEach
    void open() {
        journal = new FileJournal(folder);
    }

    @Test
    void remembersEveryAppByTheIdsOfItsInstances() {
        AppRecord web = record(Specs.python(Specs.fork("wéb & co", "/srv/app.py")), 7);
        AppRecord api = record(Specs.cluster("api", "/srv/app.js", 2), 3);
        journal.keep(web);
        journal.keep(api);

        assertThat(journal.all(problems::add)).containsExactly(api, web);
        assertThat(problems).isEmpty();
    }

    @Test
    void remembersAppsWithLongNames() {
        AppRecord one = record(Specs.fork("字".repeat(80) + "1", "/srv/app.js"), 1);
        AppRecord other = record(Specs.fork("字".repeat(80) + "2", "/srv/app.js"), 2);
        assertThat(journal.keep(one)).isTrue();
        assertThat(journal.keep(other)).isTrue();

        assertThat(journal.all(problems::add)).containsExactly(one, other);
        journal.forget(one.spec().name());
        assertThat(journal.all(problems::add)).containsExactly(other);
    }

    @Test
    void saysWhenItCouldNotWrite() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));

        assertThat(new FileJournal(file).keep(record(Specs.fork("api", "/srv/app.js"), 0)))
                .isFalse();
    }

    @Test
    void forgetsDeletedApps() {
        journal.keep(record(Specs.fork("api", "/srv/app.js"), 0));
        journal.keep(record(Specs.fork("api", "/srv/app.js"), 1));
        journal.forget(new AppName("api"));

        assertThat(journal.all(problems::add)).isEmpty();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aDamagedAppCostsNoOther() throws IOException {
        AppRecord good = record(Specs.fork("good", "/srv/app.js"), 0);
        AppRecord before = record(Specs.fork("half", "/srv/app.js"), 1);
        journal.keep(good);
        journal.keep(before);
        journal.keep(record(Specs.fork("half", "/srv/new.js"), 1));
        journal.keep(record(Specs.fork("lost", "/srv/app.js"), 2));
        Path half = folder.resolve("half.json");
        Files.writeString(half, Files.readString(half).substring(0, 100));
        Files.writeString(folder.resolve("lost.json"), "{}");

        assertThat(journal.all(problems::add)).containsExactly(good, before);
        assertThat(problems).hasSize(2);
        assertThat(problems.getFirst()).contains("half.json is damaged").endsWith("half.json.bak is used instead");
        assertThat(problems.getLast()).contains("lost.json is damaged").endsWith("the app is not known");
    }

    @Test
    void whatProgramsHaveOpenIsReadAsWritten() {
        AppRecord plain = record(Specs.cluster("api", "/srv/app.js", 2), 3);
        InstanceRecord instance = plain.instances().getFirst();
        WorkerRecord worker = new WorkerRecord(
                "12:34:ab-cd",
                "token",
                4,
                OptionalInt.empty(),
                5,
                true,
                true,
                Optional.of(new AppRecord.Connected(
                        7,
                        true,
                        true,
                        false,
                        List.of(new Granted("[::]:80#0", Address.anyInterface(80), true, Optional.empty())),
                        Map.of("udp4 0.0.0.0 53#0", true))));
        AppRecord open = new AppRecord(
                plain.spec(),
                4,
                5,
                List.of(new InstanceRecord(
                        instance.pmId(),
                        0,
                        Wanted.UP,
                        Phase.STOPPED,
                        9,
                        List.of(),
                        instance.createdAtMillis(),
                        "next",
                        List.of(worker))),
                false,
                List.of(),
                new AppRecord.Sockets(
                        List.of(
                                new Listening(Address.anyInterface(0), 1, Address.anyInterface(4711), Optional.empty()),
                                new Listening(
                                        new Address.Unix("/run/a"), 0, new Address.Unix("/run/a"), Optional.empty())),
                        List.of(new Receiving("udp4", "0.0.0.0", 53, 0, -1, 53))));
        FileJournal journal = new FileJournal(folder);

        assertThat(journal.keep(open)).isTrue();

        assertThat(journal.all(problems::add)).containsExactly(open);
        assertThat(problems).isEmpty();
    }

    @Test
    void aDumpIsReadAsWritten() throws IOException {
        Dump dump = new Dump(folder);
        assertThat(dump.read().value()).isEmpty();
        AppRecord api = record(Specs.cluster("api", "/srv/app.js", 2), 3);
        dump.write(List.of(api));

        assertThat(dump.read().value()).contains(List.of(api));
        dump.write(List.of());
        assertThat(dump.read().value()).contains(List.of());
    }

    private static AppRecord record(AppSpec spec, int pmId) {
        return new AppRecord(
                spec,
                4,
                6,
                List.of(new InstanceRecord(
                        pmId,
                        0,
                        Wanted.UP,
                        Phase.STOPPED,
                        9,
                        List.of(1L, 2L),
                        1_700_000_000_000L,
                        "next",
                        List.of(new WorkerRecord("12:34:ab-cd", "token", 4, OptionalInt.of(41_000), 5, true, true)))),
                true,
                List.of(new AppRecord.Generation(2, 1_600_000_000_000L, spec, Path.of("/srv/releases/7"))));
    }
}
