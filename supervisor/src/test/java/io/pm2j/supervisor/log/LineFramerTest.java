package io.pm2j.supervisor.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineFramerTest {
    private final LineFramer framer = new LineFramer();
    private final ByteBuffer block = ByteBuffer.allocate(LineFramer.LONGEST_BYTES + LogIntake.READ_BYTES);
    private final ByteArrayOutputStream passed = new ByteArrayOutputStream();

    @Test
    void passesOnWholeLinesAlone() {
        take("first\nsecond\nthi");

        assertThat(text()).isEqualTo("first\nsecond\n");
        assertThat(framer.carried()).isEqualTo(3);
    }

    @Test
    void carriesAPartUntilItsLineBreak() {
        take("a");
        take("b");
        take("c\nd");

        assertThat(text()).isEqualTo("abc\n");
    }

    @Test
    void endsTheLastLine() {
        take("a\nb");
        framer.end(this::pass);
        framer.end(this::pass);

        assertThat(text()).isEqualTo("a\nb\n");
    }

    @Test
    void leavesBytesAsTheyAre() {
        byte[] bytes = {0, (byte) 0xff, '\r', '\n', 27, '[', '3', 'm', (byte) 0xc3, '\n', '\n'};
        take(bytes);

        assertThat(passed.toByteArray()).isEqualTo(bytes);
    }

    @Test
    void takesALineOfTheGreatestLength() {
        String line = "x".repeat(LineFramer.LONGEST_BYTES);
        take(line);
        take("\n");

        assertThat(text()).isEqualTo(line + "\n");
    }

    @Test
    void cutsALongerLine() {
        String line = "x".repeat(LineFramer.LONGEST_BYTES);
        take(line);
        take("yz\nnext\n");

        assertThat(text()).isEqualTo(line + "\nyz\nnext\n");
    }

    @Test
    void cutsBetweenTwoCharacters() {
        String line = "x".repeat(LineFramer.LONGEST_BYTES - 2);
        take(line);
        take("€uro\n");

        assertThat(text()).isEqualTo(line + "\n€uro\n");
    }

    @Test
    void passesTheSameOnHoweverTheBytesArrive() {
        Random random = new Random(7);
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        for (int i = 0; i < 300; i++) {
            int length = i % 50 == 0 ? random.nextInt(200_000) : random.nextInt(200);
            printed.writeBytes(("é".repeat(length / 2) + (i % 3 == 0 ? "" : "\n")).getBytes(UTF_8));
        }
        byte[] bytes = printed.toByteArray();
        byte[] whole = inPieces(bytes, new Random(1), LogIntake.READ_BYTES);

        assertThat(inPieces(bytes, new Random(2), 3_000)).isEqualTo(whole);
        assertThat(inPieces(bytes, new Random(3), 70)).isEqualTo(whole);
        assertThat(new String(whole, UTF_8).replace("\n", "")).isEqualTo(new String(bytes, UTF_8).replace("\n", ""));
        assertThat(new String(whole, UTF_8).lines().mapToInt(line -> line.getBytes(UTF_8).length))
                .allMatch(length -> length <= LineFramer.LONGEST_BYTES);
    }

    private byte[] inPieces(byte[] bytes, Random random, int most) {
        passed.reset();
        int at = 0;
        while (at < bytes.length) {
            int length = Math.min(1 + random.nextInt(most), bytes.length - at);
            take(java.util.Arrays.copyOfRange(bytes, at, at + length));
            at += length;
        }
        framer.end(this::pass);
        return passed.toByteArray();
    }

    private void take(String text) {
        take(text.getBytes(UTF_8));
    }

    private void take(byte[] bytes) {
        framer.begin(block);
        block.put(bytes).flip();
        framer.frame(block, this::pass);
    }

    private void pass(ByteBuffer run) {
        byte[] bytes = new byte[run.remaining()];
        run.get(bytes);
        assertThat(bytes).endsWith(Lines.BREAK);
        passed.writeBytes(bytes);
    }

    private String text() {
        return passed.toString(UTF_8);
    }
}
