package io.pm2j.supervisor.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.LogRotation;
import io.pm2j.supervisor.Ear;
import io.pm2j.supervisor.Eventually;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.logging.Handler;
import java.util.logging.Logger;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogShelfTest {
    private static final LogRotation SMALL = new LogRotation(10, false, 30, false, 0);

    @TempDir
    Path folder;

    /// Friday, half past eleven at night.
    private final FakeClock clock = new FakeClock(Instant.parse("2026-03-06T23:30:00Z"), ZoneId.of("UTC"));

    private final LogShelf shelf = new LogShelf(clock);

    @AfterEach
    void close() {
        shelf.close();
    }

    @Nested
    class WhenUsed {
        @Test
        void createsTheFileAtOnce() {
            LogFile _ = shelf.open(path("logs/a.log"), LogRotation.DEFAULT);

            assertThat(path("logs/a.log")).isEmptyFile();
        }

        @Test
        void sharesOneFileAmongTheUsersOfOnePath() throws IOException {
            Path link = Files.createSymbolicLink(path("link.log"), Files.createFile(path("a.log")));
            LogFile file = shelf.open(path("a.log"), LogRotation.DEFAULT);

            assertThat(shelf.open(path("x/../a.log"), LogRotation.DEFAULT)).isSameAs(file);
            assertThat(shelf.open(link, LogRotation.DEFAULT)).isSameAs(file);
            assertThat(shelf.inUse()).isEqualTo(1);
        }

        @Test
        void putsAsideWhatALinkMeans() throws IOException {
            Files.createDirectory(path("far"));
            Path link = Files.createSymbolicLink(path("a.log"), Path.of("far/b.log"));
            LogFile file = shelf.open(link, SMALL);

            append(file, "one.....\ntwo.....\n");

            assertThat(link).isSymbolicLink().hasContent("two.....\n");
            assertThat(path("far/b__2026-03-06_23-30-00.log")).hasContent("one.....\n");
        }

        @Test
        void goesOnInAFileThatIsFullThoughAnotherProgramHasJustMadeIt() throws IOException {
            LogFile file = shelf.open(path("a.log"), SMALL);
            append(file, "one.....\n");
            Files.move(path("a.log"), path("a.log.1"));
            Files.writeString(path("a.log"), "of somebody else\n");

            append(file, "two.....\n");
            append(file, "three...\n");

            assertThat(path("a__2026-03-06_23-30-00.log")).hasContent("of somebody else\ntwo.....\n");
            assertThat(path("a.log")).hasContent("three...\n");
        }

        @Test
        void closesTheFileOfTheLastUser() throws IOException {
            LogFile file = shelf.open(path("a.log"), LogRotation.NEVER);
            LogFile same = shelf.open(path("a.log"), LogRotation.NEVER);

            shelf.release(file);
            append(same, "one\n");
            assertThat(descriptorsOf(path("a.log"))).isOne();

            shelf.release(same);
            assertThat(descriptorsOf(path("a.log"))).isZero();
            assertThat(shelf.inUse()).isZero();
            assertThat(path("a.log")).hasContent("one\n");
        }

        @Test
        void flushesFilesWhetherTheyAreOpenOrNot() throws IOException {
            LogFile file = shelf.open(path("a.log"), LogRotation.DEFAULT);
            append(file, "one\n");
            Files.writeString(path("stopped.log"), "old\n");

            shelf.flush(List.of(path("a.log"), path("stopped.log"), path("none.log"), Path.of("/dev/null")));

            assertThat(path("a.log")).isEmptyFile();
            assertThat(path("stopped.log")).isEmptyFile();
            assertThat(path("none.log")).doesNotExist();
            append(file, "two\n");
            assertThat(path("a.log")).hasContent("two\n");
        }

        @Test
        void opensTheFileAnewAfterAnotherProgramHasRenamedIt() throws IOException {
            LogFile file = shelf.open(path("a.log"), LogRotation.DEFAULT);
            append(file, "one\n");
            Files.move(path("a.log"), path("a.log.1"));
            append(file, "two\n");

            shelf.reopenAll();
            append(file, "three\n");

            assertThat(path("a.log.1")).hasContent("one\ntwo\n");
            assertThat(path("a.log")).hasContent("three\n");
        }

        @Test
        void doesNotPutAsideAFileThatIsNotItsOwn() throws IOException {
            LogFile file = shelf.open(path("a.log"), SMALL);
            append(file, "one.....\n");
            Files.move(path("a.log"), path("a.log.1"));
            Files.createFile(path("a.log"));

            append(file, "two.....\n");

            assertThat(path("a.log")).hasContent("two.....\n");
            assertThat(names()).containsExactlyInAnyOrder("a.log", "a.log.1");
        }

        @Test
        void survivesTheInterruptionOfAWriter() {
            LogFile file = shelf.open(path("a.log"), LogRotation.DEFAULT);
            Thread.currentThread().interrupt();
            append(file, "one\n");

            assertThat(Thread.interrupted()).isTrue();
            append(file, "two\n");
            assertThat(path("a.log")).hasContent("one\ntwo\n");
            assertThat(shelf.lostLines()).isZero();
        }
    }

    @Nested
    class WhenTheDiskTakesNothing {
        @Test
        void countsTheLostLinesOfAFullDisk() {
            LogFile full = shelf.open(Path.of("/dev/full"), LogRotation.DEFAULT);
            LogFile other = shelf.open(path("a.log"), LogRotation.DEFAULT);

            append(full, "one\ntwo\n");
            append(other, "kept\n");
            append(full, "three\n");

            assertThat(shelf.lostLines()).isEqualTo(3);
            assertThat(shelf.lostLines(Path.of("/dev/full"))).isEqualTo(3);
            assertThat(shelf.lostLines(path("a.log"))).isZero();
            assertThat(path("a.log")).hasContent("kept\n");
        }

        @Test
        void goesOnWhenTheFileCanBeWrittenAgain() throws IOException {
            Files.writeString(path("logs"), "no folder");
            LogFile file = shelf.open(path("logs/a.log"), LogRotation.DEFAULT);
            append(file, "one\n");
            Files.delete(path("logs"));

            append(file, "two\n");

            assertThat(path("logs/a.log")).hasContent("two\n");
            assertThat(shelf.lostLines()).isEqualTo(1);
        }

        @Test
        void tellsTheFirstLossAndTheRecoveryOnce() throws IOException {
            List<String> told = new ArrayList<>();
            Logger logger = Logger.getLogger(LogFile.class.getName());
            Handler ear = new Ear(told);
            logger.addHandler(ear);
            try {
                Files.writeString(path("logs"), "no folder");
                LogFile file = shelf.open(path("logs/a.log"), LogRotation.DEFAULT);
                append(file, "one\n");
                append(file, "two\nthree\n");
                Files.delete(path("logs"));
                append(file, "four\n");
                append(file, "five\n");
            } finally {
                logger.removeHandler(ear);
            }

            assertThat(told)
                    .satisfiesExactly(
                            first -> assertThat(first).contains("log lines are lost"),
                            second -> assertThat(second).contains("lost=3", "takes lines again"));
        }
    }

    @Nested
    class WhenRotating {
        @Test
        void beginsANewFileBeforeALineThatDoesNotFit() throws IOException {
            LogFile file = shelf.open(path("a.log"), SMALL);

            append(file, "12345\n1234\n");
            append(file, "123\n");

            assertThat(path("a__2026-03-06_23-30-00.log")).hasContent("12345\n");
            assertThat(path("a.log")).hasContent("1234\n123\n");
        }

        @Test
        void fillsAFileToItsLimit() throws IOException {
            LogFile file = shelf.open(path("a.log"), SMALL);

            append(file, "1234\n1234\n1\n");

            assertThat(path("a__2026-03-06_23-30-00.log")).hasContent("1234\n1234\n");
            assertThat(path("a.log")).hasContent("1\n");
        }

        @Test
        void givesALineThatIsTooLongAFileOfItsOwn() throws IOException {
            LogFile file = shelf.open(path("a.log"), SMALL);

            append(file, "1\nlonger than the limit\n2\n");

            assertThat(path("a__2026-03-06_23-30-00.log")).hasContent("1\n");
            assertThat(path("a__2026-03-06_23-30-00_2.log")).hasContent("longer than the limit\n");
            assertThat(path("a.log")).hasContent("2\n");
        }

        @Test
        void rotatesAtOnceWhatGrewBeforeTheStart() throws IOException {
            Files.writeString(path("a.log"), "longer than the limit\n");

            LogFile _ = shelf.open(path("a.log"), SMALL);

            assertThat(path("a__2026-03-06_23-30-00.log")).hasContent("longer than the limit\n");
            assertThat(path("a.log")).isEmptyFile();
        }

        @Test
        void rotatesAtTheFirstLineOfANewDay() throws IOException {
            LogFile file = shelf.open(path("a.log"), new LogRotation(0, true, 30, false, 0));
            append(file, "friday\n");
            clock.advance(Duration.ofMinutes(29));
            append(file, "still friday\n");
            clock.advance(Duration.ofMinutes(1));

            append(file, "saturday\n");

            assertThat(path("a__2026-03-07_00-00-00.log")).hasContent("friday\nstill friday\n");
            assertThat(path("a.log")).hasContent("saturday\n");
        }

        @Test
        void rotatesAFileOfYesterdayAtItsFirstLine() throws IOException {
            Files.writeString(path("a.log"), "thursday\n");
            Files.setLastModifiedTime(path("a.log"), FileTime.from(Instant.parse("2026-03-05T23:59:59Z")));
            LogFile file = shelf.open(path("a.log"), new LogRotation(0, true, 30, false, 0));
            assertThat(names()).containsExactly("a.log");

            append(file, "friday\n");

            assertThat(path("a__2026-03-06_23-30-00.log")).hasContent("thursday\n");
            assertThat(path("a.log")).hasContent("friday\n");
        }

        @Test
        void putsNoEmptyFileAside() throws IOException {
            LogFile file = shelf.open(path("a.log"), LogRotation.DEFAULT);
            clock.advance(Duration.ofDays(3));

            append(file, "monday\n");

            assertThat(names()).containsExactly("a.log");
        }

        @Test
        void growsForEverWhenRotationIsSwitchedOff() throws IOException {
            Files.writeString(path("a__2020-01-01_00-00-00.log"), "old\n");
            LogFile file = shelf.open(path("a.log"), LogRotation.NEVER);
            append(file, "friday\n".repeat(1_000));
            clock.advance(Duration.ofDays(3));
            append(file, "monday\n");

            assertThat(path("a.log")).hasSize(7_007);
            assertThat(names()).containsExactlyInAnyOrder("a.log", "a__2020-01-01_00-00-00.log");
        }

        @Test
        void knowsThatSomebodyHasCutTheFile() throws IOException {
            LogFile file = shelf.open(path("a.log"), SMALL);
            append(file, "12345678\n");
            Files.write(path("a.log"), new byte[0]);

            append(file, "two\n");

            assertThat(path("a.log")).hasContent("two\n");
            assertThat(names()).containsExactly("a.log");
        }

        @Test
        void growsWhenItCannotBePutAside() throws IOException {
            // With the time, the name would be too long for the file system.
            Path folderOfLong = Files.createDirectory(path("long"));
            Path named = folderOfLong.resolve("x".repeat(248) + ".log");
            LogFile file = shelf.open(named, SMALL);

            append(file, "one.....\ntwo.....\n");
            append(file, "three...\n");

            assertThat(named).hasContent("one.....\ntwo.....\nthree...\n");
            assertThat(shelf.lostLines()).isZero();
        }

        @Test
        void takesTheLatestRotation() throws IOException {
            LogFile file = shelf.open(path("a.log"), LogRotation.NEVER);
            append(file, "longer than the limit\n");
            LogFile _ = shelf.open(path("a.log"), SMALL);

            append(file, "two\n");

            assertThat(path("a.log")).hasContent("two\n");
        }

        @Test
        void compressesWhatItPutsAsideAndKeepsTheNewest() throws Exception {
            LogFile file = shelf.open(path("a.log"), new LogRotation(10, false, 3, true, 0));
            for (int i = 10; i < 30; i++) {
                append(file, "number " + i + "\n");
            }

            Eventually.holds(
                    "three compressed files are left",
                    () -> names().stream().filter(name -> name.endsWith(".gz")).count() == 3 && names().size() == 4);
            assertThat(linesOf("a")).containsExactlyInAnyOrder("number 26", "number 27", "number 28", "number 29");
        }

        @Test
        void keepsNoMoreThanTheTotal() throws Exception {
            LogFile file = shelf.open(path("a.log"), new LogRotation(10, false, 30, false, 25));
            for (int i = 10; i < 30; i++) {
                append(file, "number " + i + "\n");
            }

            Eventually.holds("two files of ten bytes are left", () -> names().size() == 3);
            assertThat(linesOf("a")).containsExactlyInAnyOrder("number 27", "number 28", "number 29");
        }

        @Test
        void losesNoLineAndRepeatsNoneThoughManyWrite() throws Exception {
            int writers = 4;
            int each = 50_000;
            LogRotation rotation = new LogRotation(100_000, false, 10_000, true, 0);
            List<Thread> threads = new ArrayList<>();
            for (int writer = 0; writer < writers; writer++) {
                int name = writer;
                threads.add(Thread.ofPlatform().start(() -> write(name, each, rotation)));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            Eventually.holds(
                    "all are compressed",
                    () -> names().stream().filter(name -> !name.endsWith(".gz")).count() == 1);

            List<String> lines = linesOf("many");
            assertThat(lines).hasSize(writers * each);
            assertThat(new TreeSet<>(lines)).hasSize(writers * each);
            assertThat(lines).allMatch(line -> line.matches("writer \\d line \\d{6}"));
            assertThat(names()).hasSizeGreaterThan(40);
        }

        private void write(int writer, int count, LogRotation rotation) {
            LogFile file = shelf.open(path("many.log"), rotation);
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < count; i++) {
                lines.append("writer %d line %06d\n".formatted(writer, i));
                if (i % 7 == writer || i == count - 1) {
                    append(file, lines.toString());
                    lines.setLength(0);
                }
            }
            shelf.release(file);
        }
    }

    private List<String> linesOf(String log) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String name : names()) {
            if (name.startsWith(log)) {
                try (InputStream plain = Files.newInputStream(path(name));
                        InputStream bytes = name.endsWith(".gz") ? new GZIPInputStream(plain) : plain) {
                    new String(bytes.readAllBytes(), UTF_8).lines().forEach(lines::add);
                }
            }
        }
        return lines;
    }

    private static void append(LogFile file, String lines) {
        file.append(ByteBuffer.wrap(lines.getBytes(UTF_8)));
    }

    private Path path(String name) {
        return folder.resolve(name);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static long descriptorsOf(Path file) throws IOException {
        Path real = file.toRealPath();
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(fd -> isFor(fd, real)).count();
        }
    }

    private static boolean isFor(Path fd, Path file) {
        try {
            return Files.readSymbolicLink(fd).equals(file);
        } catch (IOException _) {
            // Closed meanwhile: the one the list was read by.
            return false;
        }
    }
}
