package io.pm2j.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ChunkScannerTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "5~hello~0~~ | 5~hello~0~~",
                "1~a~A~0123456789~0~~ | 1~a~A~0123456789~0~~",
                "1~a~0~X-T: v~Y: w~~ | 1~a~0~~",
                "5;a=b~hello~0;c~~ | 5~hello~0~~",
                "5 ;a = \"b\\\"c\" ;d~hello~0~~ | 5~hello~0~~",
                "0~~ | 0~~"
            })
    void passesTheBodyAndDropsTrailersAtEverySplit(String body, String passed) {
        String text = body.replace("~", "\r\n");
        for (int split = 0; split <= text.length(); split++) {
            assertThat(feed(text, split)).as("split at %d", split).isEqualTo(passed.replace("~", "\r\n"));
        }
    }

    private static String feed(String text, int split) {
        ChunkScanner scanner = new ChunkScanner();
        ByteBuf in = Unpooled.copiedBuffer(text + "next", StandardCharsets.US_ASCII);
        StringBuilder out = new StringBuilder();
        int at = 0;
        for (int to : new int[] {split, in.writerIndex()}) {
            while (at < to && !scanner.done() && scanner.violation() == null) {
                int from = at;
                at = scanner.feed(in, from, to);
                out.append(in.toString(from, scanner.passed() - from, StandardCharsets.US_ASCII));
            }
        }
        assertThat(scanner.violation()).isNull();
        assertThat(scanner.done()).isTrue();
        assertThat(at).isEqualTo(text.length());
        return scanner.endsWithoutTrailers() ? out.append("\r\n").toString() : out.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "5;a=~hello~0~~ | CHUNK_EXTENSION",
                "5;a^hello~0~~ | CHUNK_EXTENSION",
                "5;a=\"b~hello~0~~ | CHUNK_EXTENSION",
                "0x5~hello~0~~ | BAD_CHUNK_SIZE",
                "+5~hello~0~~ | BAD_CHUNK_SIZE",
                "5 ~hello~0~~ | BAD_CHUNK_SIZE",
                "5^hello~0~~ | BAD_CHUNK_SIZE",
                "~0~~ | BAD_CHUNK_SIZE",
                "fffffffffffffffff~a | BAD_CHUNK_SIZE",
                "5~helloX0~~ | BAD_CHUNK_END",
                "0~ X: y~~ | BAD_TRAILER",
                "0~X y~~ | BAD_TRAILER",
                "0~X: y^~ | BAD_TRAILER"
            })
    void refuses(String body, Violation why) {
        String text = body.replace("~", "\r\n").replace("^", "\n");
        ChunkScanner scanner = new ChunkScanner();
        ByteBuf in = Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
        for (int at = 0; at < in.writerIndex() && scanner.violation() == null; ) {
            at = scanner.feed(in, at, in.writerIndex());
        }
        assertThat(scanner.violation()).isEqualTo(why);
    }
}
