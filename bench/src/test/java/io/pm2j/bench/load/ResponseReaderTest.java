package io.pm2j.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class ResponseReaderTest {
    private final ResponseReader reader = new ResponseReader();

    @Test
    void readsACountedBodyByteByByte() {
        String answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        for (int i = 0; i < answer.length() - 1; i++) {
            assertThat(feed(answer.substring(i, i + 1))).isEqualTo(ResponseReader.Progress.NEEDS_MORE);
        }

        assertThat(feed("o")).isEqualTo(ResponseReader.Progress.COMPLETE);
        assertThat(reader.body()).isEqualTo("hello");
        assertThat(reader.keepAlive()).isTrue();
    }

    @Test
    void readsChunksAfterAnInterimAnswer() {
        assertThat(feed("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n"
                        + "Connection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"))
                .isEqualTo(ResponseReader.Progress.COMPLETE);
        assertThat(reader.body()).isEqualTo("abcde");
        assertThat(reader.status()).isEqualTo(201);
        assertThat(reader.keepAlive()).isFalse();
    }

    @Test
    void rejectsBytesBeyondTheAnswer() {
        assertThat(feed("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab")).isEqualTo(ResponseReader.Progress.MALFORMED);
    }

    @Test
    void rejectsTwoFramings() {
        assertThat(feed("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"))
                .isEqualTo(ResponseReader.Progress.MALFORMED);
    }

    @Test
    void leavesABodyWithoutLengthToTheEndOfTheStream() {
        assertThat(feed("HTTP/1.1 200 OK\r\n\r\nabc")).isEqualTo(ResponseReader.Progress.NEEDS_MORE);
        assertThat(reader.completeAtEnd()).isTrue();
        assertThat(reader.body()).isEqualTo("abc");
    }

    private ResponseReader.Progress feed(String text) {
        return reader.feed(ByteBuffer.wrap(text.getBytes(ISO_8859_1)));
    }
}
