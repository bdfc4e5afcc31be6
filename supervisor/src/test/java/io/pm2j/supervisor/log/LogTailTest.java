package io.pm2j.supervisor.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
}
