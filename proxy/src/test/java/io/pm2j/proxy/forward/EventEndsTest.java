package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventEndsTest {
    /// Whether an event is over behind `text`, however it is cut.
    private static boolean between(String text, boolean inChunks) {
        ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
        EventEnds whole = new EventEnds();
        whole.pass(bytes, 0, text.length());
        for (int cut = 0; cut <= text.length(); cut++) {
            EventEnds pieces = new EventEnds();
            pieces.pass(bytes, 0, cut);
            pieces.pass(bytes, cut, text.length() - cut);
            assertThat(pieces.between(inChunks)).isEqualTo(whole.between(inChunks));
        }
        return whole.between(inChunks);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "data: 1\n\n", "data: 1\r\n\r\n", "data: 1\r\r", ":\n\ndata: 1\ndata: 2\n\n"})
    void anEmptyLineEndsAnEvent(String text) {
        assertThat(between(text, false)).isTrue();
        assertThat(between(text.isEmpty() ? text : "9\r\n" + text + "\r\n", true))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"data: 1", "data: 1\n", "data: 1\r\n", "data: 1\n\nda", "\n\r"})
    void nothingElseDoes(String text) {
        assertThat(between(text, false)).isFalse();
    }

    @Test
    void theEndOfAChunkIsNoEmptyLine() {
        assertThat(between("9\r\ndata: 1\r\n\r\n", true)).isFalse();
        assertThat(between("8\r\ndata: 1\n\r\n", true)).isFalse();
    }
}
