package io.pm2j.supervisor.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class LastLinesTest {
    private final LogPump.LastLines lines = new LogPump.LastLines();

    @Test
    void remembersTheLastOnes() {
        add("one\ntwo\n");
        add("three\n");

        assertThat(lines.last(2)).containsExactly("two", "three");
        assertThat(lines.last(9)).containsExactly("one", "two", "three");
        assertThat(new LogPump.LastLines().last(3)).isEmpty();
    }

    @Test
    void forgetsTheOldestWholeLines() {
        for (int i = 0; i < 10_000; i++) {
            add("line " + i + "\n");
        }

        assertThat(lines.last(100_000))
                .hasSizeBetween(3_000, LogPump.LastLines.MOST_BYTES / 10)
                .allMatch(line -> line.matches("line \\d{4}"))
                .endsWith("line 9999");
    }

    @Test
    void takesTheEndOfARunThatIsTooLarge() {
        add("before\n");
        add("x".repeat(LogPump.LastLines.MOST_BYTES) + "\nlast\n");

        assertThat(lines.last(9)).containsExactly("last");
    }

    @Test
    void keepsTheEndOfAHugeLineWhenNothingElseIsLeft() {
        add("x".repeat(2 * LogPump.LastLines.MOST_BYTES) + "\n");

        assertThat(lines.last(9))
                .singleElement()
                .satisfies(line -> assertThat(line).matches("x{1000}"));
    }

    private void add(String text) {
        lines.add(ByteBuffer.wrap(text.getBytes(UTF_8)));
    }
}
