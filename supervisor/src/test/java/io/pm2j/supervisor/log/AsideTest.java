package io.pm2j.supervisor.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.LogRotation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AsideTest {
    private static final ZonedDateTime NOW = ZonedDateTime.of(2026, 3, 6, 15, 4, 5, 0, ZoneId.of("UTC"));

    @TempDir
    Path folder;

    @Test
    void keepsTheNewestAndNoMoreThanTheTotal() {
        List<Aside> files = IntStream.range(0, 6)
                .mapToObj(i -> new Aside(Path.of("f" + i), "", i, false, 10, 100 - i))
                .toList();

        assertThat(Aside.excess(files, 4, 0)).containsExactlyElementsOf(files.subList(4, 6));
        assertThat(Aside.excess(files, 9, 35)).containsExactlyElementsOf(files.subList(3, 6));
        assertThat(Aside.excess(files, 9, 0)).isEmpty();
        assertThat(Aside.excess(files, 0, 0)).isEqualTo(files);
        assertThat(Aside.excess(files, 9, 5)).isEqualTo(files);
    }

    @Test
    void namesAFileAfterItsTimeAndCountsWhenTheNameIsTaken() throws IOException {
        AsideFiles aside = new AsideFiles(folder.resolve("api-out.log"));

        Path first = Files.createFile(aside.next(NOW));
        Path second = Files.createFile(Path.of(aside.next(NOW) + ".gz"));
        Files.delete(first);

        assertThat(first).hasFileName("api-out__2026-03-06_15-04-05.log");
        assertThat(second).hasFileName("api-out__2026-03-06_15-04-05_2.log.gz");
        assertThat(aside.next(NOW)).hasFileName("api-out__2026-03-06_15-04-05_3.log");
        assertThat(aside.next(NOW.plusSeconds(1))).hasFileName("api-out__2026-03-06_15-04-06.log");
        assertThat(new AsideFiles(folder.resolve("api-out.log")).next(NOW)).isEqualTo(first);
    }

    @Test
    void keepsANameWithoutLogAsItIs() {
        assertThat(new AsideFiles(folder.resolve("api.txt")).next(NOW)).hasFileName("api.txt__2026-03-06_15-04-05");
    }

    @Test
    void listsTheFilesOfThisLogAlone() throws IOException {
        List<String> others = List.of(
                "api-out.log",
                "api-out-1__2026-03-06_15-04-05.log",
                "api-out__2026-03-06.log",
                "api-out__2026-03-06_15-04-05.log.bak",
                "api-out__2026-03-06_15-04-05.txt",
                "api-out__2026-03-06_15-04-05_x.log",
                "xapi-out__2026-03-06_15-04-05.log",
                "api-outx__2026-03-06_15-04-05.log",
                "api-out__notes.log");
        for (String other : others) {
            Files.createFile(folder.resolve(other));
        }
        Files.createDirectory(folder.resolve("api-out__2026-03-06_15-04-09.log"));
        List<String> own = List.of(
                "api-out__2026-03-06_15-04-07_12.log",
                "api-out__2026-03-06_15-04-05.log",
                "api-out__2026-03-06_15-04-05_2.log.gz");
        for (int i = 0; i < own.size(); i++) {
            Path file = Files.createFile(folder.resolve(own.get(i)));
            Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000 - i));
        }
        AsideFiles aside = new AsideFiles(folder.resolve("api-out.log"));

        assertThat(aside.newestFirst())
                .extracting(file -> file.path().getFileName().toString())
                .isEqualTo(own);

        boolean _ = LogTidy.once(aside, new LogRotation(1, false, 0, false, 0));
        List<String> left = new ArrayList<>(others);
        left.add("api-out__2026-03-06_15-04-09.log");
        assertThat(names()).containsExactlyInAnyOrderElementsOf(left);
    }

    @Test
    void finishesTheWorkOfADaemonThatWasKilled() throws IOException {
        Files.writeString(folder.resolve("a__2026-03-06_15-04-05.log"), "one\n");
        Files.writeString(folder.resolve("a__2026-03-06_15-04-05.log.gz.tmp"), "half");
        Files.writeString(folder.resolve("a__2026-03-06_15-04-04.log"), "zero\n");
        Files.writeString(folder.resolve("a__2026-03-06_15-04-04.log.gz"), "whole");
        AsideFiles aside = new AsideFiles(folder.resolve("a.log"));

        boolean more = LogTidy.once(aside, LogRotation.DEFAULT);

        assertThat(more).isFalse();
        assertThat(names()).containsExactlyInAnyOrder("a__2026-03-06_15-04-05.log.gz", "a__2026-03-06_15-04-04.log.gz");
    }

    @Test
    void compressesTheOldestFirstAndKeepsItsTime() throws IOException {
        Path older = Files.writeString(folder.resolve("a__2026-03-06_15-04-04.log"), "zero\n");
        Path newer = Files.writeString(folder.resolve("a__2026-03-06_15-04-05.log"), "one\n");
        Files.setLastModifiedTime(older, FileTime.fromMillis(1_000));
        AsideFiles aside = new AsideFiles(folder.resolve("a.log"));

        boolean more = LogTidy.once(aside, LogRotation.DEFAULT);

        assertThat(more).isTrue();
        assertThat(newer).exists();
        assertThat(older).doesNotExist();
        assertThat(Files.getLastModifiedTime(Path.of(older + ".gz"))).isEqualTo(FileTime.fromMillis(1_000));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
