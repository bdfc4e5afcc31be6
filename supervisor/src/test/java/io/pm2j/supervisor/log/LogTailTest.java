package io.pm2j.supervisor.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTailTest {
    @TempDir
    Path folder;

    @Test
    void readsTheLastLinesOfALargeFile() throws IOException {
        Path file = folder.resolve("log");
        Files.writeString(
                file,
                IntStream.range(0, 50_000).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining()));

        assertThat(LogTail.last(file, 3)).containsExactly("line 49997", "line 49998", "line 49999");
        assertThat(LogTail.last(file, 20_000)).hasSize(20_000).endsWith("line 49999");
    }

    @Test
    void takesALastLineWithoutItsEnd() throws IOException {
        Path file = Files.writeString(folder.resolve("log"), "a\nb");

        assertThat(LogTail.last(file, 1)).containsExactly("b");
        assertThat(LogTail.last(file, 9)).containsExactly("a", "b");
    }

    @Test
    void hasNothingOfAFileThatIsNotThere() throws IOException {
        assertThat(LogTail.last(folder.resolve("none"), 5)).isEmpty();
        assertThat(LogTail.last(Files.createFile(folder.resolve("empty")), 5)).isEmpty();
    }

    @Test
    void readsOnIntoWhatWasPutAsideAMomentAgo() throws IOException {
        Path file = Files.writeString(folder.resolve("a.log"), "four\n");
        aside("a__2026-03-06_15-04-05.log", "two\nthree\n", 2_000);
        aside("a__2026-03-06_15-04-04.log", "zero\none\n", 1_000);
        aside("a-1__2026-03-06_15-04-05.log", "another app\n", 3_000);

        assertThat(LogTail.last(file, 1)).containsExactly("four");
        assertThat(LogTail.last(file, 2)).containsExactly("three", "four");
        assertThat(LogTail.last(file, 9)).containsExactly("zero", "one", "two", "three", "four");
    }

    @Test
    void readsOnIntoACompressedFile() throws IOException {
        Path file = Files.writeString(folder.resolve("a.log"), "four\n");
        Path aside = folder.resolve("a__2026-03-06_15-04-05.log.gz");
        try (var bytes = new GZIPOutputStream(Files.newOutputStream(aside))) {
            bytes.write("one\ntwo\nthree\n".getBytes(StandardCharsets.UTF_8));
        }

        assertThat(LogTail.last(file, 3)).containsExactly("two", "three", "four");
    }

    @Test
    void readsWhatWasPutAsideBeforeTheNewFileIsThere() throws IOException {
        aside("a__2026-03-06_15-04-05.log", "two\nthree\n", 2_000);

        assertThat(LogTail.last(folder.resolve("a.log"), 1)).containsExactly("three");
    }

    @Test
    void hasNothingOfAFlushedFile() throws IOException {
        aside("a__2026-03-06_15-04-05.log", "two\nthree\n", 2_000);

        assertThat(LogTail.last(Files.createFile(folder.resolve("a.log")), 5)).isEmpty();
    }

    private void aside(String name, String text, long modified) throws IOException {
        Files.setLastModifiedTime(Files.writeString(folder.resolve(name), text), FileTime.fromMillis(modified));
    }
}
