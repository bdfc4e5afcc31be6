package io.pm2j.supervisor.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineSplitterTest {
    private final List<String> lines = new ArrayList<>();
    private final LineSplitter splitter = new LineSplitter(lines::add);

    @Test
    void cutsTheSameLinesWhereverTheBytesAreSplit() {
        byte[] bytes = "première\nzwei\r\n\ndrei".getBytes(StandardCharsets.UTF_8);
        for (int split = 0; split <= bytes.length; split++) {
            List<String> found = new ArrayList<>();
            LineSplitter either = new LineSplitter(found::add);

            either.take(java.util.Arrays.copyOf(bytes, split));
            either.take(java.util.Arrays.copyOfRange(bytes, split, bytes.length));
            either.end();

            assertThat(found).as("split at %d", split).containsExactly("première", "zwei", "", "drei");
        }
    }

    @Test
    void passesALineWithoutEndOnInPieces() {
        splitter.take(new byte[LineSplitter.LONGEST_BYTES + 1]);

        assertThat(lines).hasSize(1);
    }

    @Test
    void endsWithoutALineWhenNothingIsLeft() {
        splitter.take("done\n".getBytes(StandardCharsets.UTF_8));
        splitter.end();

        assertThat(lines).containsExactly("done");
    }
}
