package io.pm2j.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pm2j.proxy.corpus.ReferenceReading;
import io.pm2j.proxy.corpus.ReferenceReading.End;
import io.pm2j.proxy.corpus.ReferenceReading.Field;
import io.pm2j.proxy.corpus.ReferenceReading.Reading;
import io.pm2j.proxy.corpus.ReferenceReading.Request;
import io.pm2j.proxy.corpus.RequestCase;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// The scanners against the reference reading on cases of the corpus that have been changed at random.
///
/// What it finds is added to `corpus/requests/found.txt`, where the other tests of the corpus read it too.
final class FramingFuzzTest {
    private static final ReferenceReading.Limits LIMITS = new ReferenceReading.Limits(1024, 256, 16);
    private static final List<byte[]> CORPUS = RequestCase.all().stream()
            .map(RequestCase::bytes)
            .filter(bytes -> bytes.length < 1500)
            .toList();
    /// Bytes and pieces that mean something to one reader or another.
    private static final List<String> PIECES = List.of(
            "\r\n",
            "\n",
            "\r",
            "\0",
            " ",
            "\t",
            ":",
            ",",
            ";",
            "=",
            "\"",
            "\\",
            "%",
            "#",
            "?",
            "/",
            "*",
            "@",
            "[",
            "]",
            ".",
            "_",
            "-",
            "+",
            "0",
            "1",
            "9",
            "a",
            "f",
            "x",
            "\u007f",
            "\u0080",
            "\u00ff",
            "\u000b",
            "\f",
            "\r\n\r\n",
            "\r\n ",
            "chunked",
            "Host: a\r\n",
            "Content-Length: 3\r\n",
            "Transfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
            "3\r\nabc\r\n",
            "HTTP/1.1",
            "HTTP/1.0",
            "http://b",
            "Connection: close\r\n",
            "Expect: 100-continue\r\n",
            "::");

    enum Change {
        DELETE,
        INSERT,
        REPLACE,
        REPEAT,
        SPLICE
    }

    /// `at` in thousandths of the text.
    record Edit(Change change, int at, int length, int pick) {
        byte[] apply(byte[] b) {
            int from = (int) ((long) at * b.length / 1000);
            int to = Math.min(b.length, from + length);
            byte[] piece = PIECES.get(pick % PIECES.size()).getBytes(StandardCharsets.ISO_8859_1);
            byte[] other = CORPUS.get(pick % CORPUS.size());
            return switch (change) {
                case DELETE -> join(b, from, new byte[0], to);
                case INSERT -> join(b, from, piece, from);
                case REPLACE -> join(b, from, piece, Math.min(b.length, from + piece.length));
                case REPEAT -> join(b, to, Arrays.copyOfRange(b, from, to), to);
                case SPLICE ->
                    join(b, from, Arrays.copyOfRange(other, Math.min(from, other.length), other.length), b.length);
            };
        }

        private static byte[] join(byte[] b, int head, byte[] middle, int tail) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(b, 0, head);
            out.writeBytes(middle);
            out.write(b, tail, b.length - tail);
            return out.toByteArray();
        }
    }

    /// A case, changed; `cuts` in thousandths of its length.
    record Sample(byte[] bytes, List<Integer> cuts) {
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder();
            for (byte b : bytes) {
                text.append(
                        b == '\r'
                                ? "\\r"
                                : b == '\n'
                                        ? "\\n"
                                        : b == '\\'
                                                ? "\\\\"
                                                : b == '~'
                                                        ? "\\~"
                                                        : b < 0x20 || b == 0x7f
                                                                ? "\\x%02x".formatted(b & 255)
                                                                : String.valueOf((char) b));
            }
            return text.toString().replace("\\r\\n", "~") + " cut at " + cuts;
        }
    }

    @Provide
    Arbitrary<Sample> samples() {
        Arbitrary<Edit> edit = Combinators.combine(
                        Arbitraries.of(Change.values()),
                        Arbitraries.integers().between(0, 1000),
                        Arbitraries.integers().between(1, 12),
                        Arbitraries.integers().between(0, 9999))
                .as(Edit::new);
        return Combinators.combine(
                        Arbitraries.of(CORPUS),
                        edit.list().ofMinSize(0).ofMaxSize(4),
                        Arbitraries.integers().between(0, 1000).list().ofMaxSize(4))
                .as((seed, edits, cuts) -> {
                    byte[] bytes = seed;
                    for (Edit one : edits) {
                        bytes = one.apply(bytes);
                    }
                    return new Sample(bytes, cuts.stream().sorted().toList());
                });
    }

    private final HeadScanner scanner = new HeadScanner(LIMITS.line(), LIMITS.fields());
    private final RequestHead head = new RequestHead();

    @Property
    void readsLikeTheReference(@ForAll("samples") Sample sample) {
        byte[] bytes = sample.bytes;
        Reading reference = ReferenceReading.first(bytes, LIMITS);
        int end = scan(bytes, bytes.length);
        if (end == HeadScanner.REFUSED) {
            assertThat(reference.end()).as("refused").isIn(End.BAD_HEAD, End.SHORT_HEAD);
            refusesForGood(sample);
        } else if (end == HeadScanner.MORE) {
            assertThat(reference.end()).as("not at its end").isEqualTo(bytes.length == 0 ? End.AT_END : End.SHORT_HEAD);
        } else {
            assertThat(reference.end()).as("accepted").isNotIn(End.BAD_HEAD, End.SHORT_HEAD);
            boolean chunked = head.chunked();
            long length = head.contentLength();
            List<Field> fields = fields(bytes);
            String target = new String(bytes, 0, head.targetEnd(), StandardCharsets.ISO_8859_1);
            takesNothingLess(sample, end);
            if (chunked) {
                readsChunks(sample, end, reference);
            } else {
                boolean whole = bytes.length - end >= Math.max(0, length);
                assertThat(reference.end()).as("length").isEqualTo(whole ? End.AT_END : End.SHORT_BODY);
            }
            if (reference.end() == End.AT_END) {
                Request request = reference.requests().getFirst();
                assertThat(request.head()).isEqualTo(end);
                assertThat(fields).isEqualTo(request.fields());
                assertThat(request.method() + " " + request.target()).isEqualTo(target);
                assertThat(chunked || Math.max(0, length) == request.body().length())
                        .as("the length of the body")
                        .isTrue();
            }
        }
    }

    private int scan(byte[] bytes, int length) {
        byte[] padded = Arrays.copyOf(bytes, bytes.length + 64);
        Arrays.fill(padded, bytes.length, padded.length, (byte) 'z');
        int n = Math.min(length, LIMITS.head());
        int end = scanner.request(padded, n, head);
        return end == HeadScanner.MORE && n == LIMITS.head() ? HeadScanner.REFUSED : end;
    }

    private List<Field> fields(byte[] bytes) {
        List<Field> fields = new ArrayList<>();
        for (int f = 0; f < head.count(); f++) {
            fields.add(new Field(head.name(bytes, f), head.value(bytes, f)));
        }
        return fields;
    }

    /// However the bytes come, more of them never turn a refusal into anything else.
    private void refusesForGood(Sample sample) {
        boolean refused = false;
        for (int cut : sample.cuts) {
            int end = scan(sample.bytes, (int) ((long) cut * sample.bytes.length / 1000));
            assertThat(end).as("the beginning of what is refused").isNotPositive();
            assertThat(!refused || end == HeadScanner.REFUSED).isTrue();
            refused = end == HeadScanner.REFUSED;
        }
    }

    private void takesNothingLess(Sample sample, int end) {
        for (int cut : sample.cuts) {
            int length = (int) ((long) cut * sample.bytes.length / 1000);
            assertThat(scan(sample.bytes, length)).isEqualTo(length < end ? HeadScanner.MORE : end);
        }
    }

    private static void readsChunks(Sample sample, int from, Reading reference) {
        ByteBuf in = Unpooled.wrappedBuffer(sample.bytes);
        ByteArrayOutputStream passed = new ByteArrayOutputStream();
        passed.write(sample.bytes, 0, from);
        ChunkScanner chunks = new ChunkScanner();
        List<Integer> stops = new ArrayList<>();
        for (int cut : sample.cuts) {
            stops.add((int) ((long) cut * sample.bytes.length / 1000));
        }
        stops.add(sample.bytes.length);
        int at = from;
        for (int to : stops) {
            while (at < to && !chunks.done() && chunks.violation() == null) {
                int start = at;
                at = chunks.feed(in, start, to);
                passed.write(sample.bytes, start, chunks.passed() - start);
            }
        }
        if (chunks.violation() != null) {
            assertThat(reference.end()).as("" + chunks.violation()).isIn(End.BAD_BODY, End.SHORT_BODY);
        } else if (!chunks.done()) {
            assertThat(reference.end()).as("chunks without end").isEqualTo(End.SHORT_BODY);
        } else {
            assertThat(reference.end()).as("chunks").isEqualTo(End.AT_END);
            Request request = reference.requests().getFirst();
            assertThat(at).isEqualTo(request.end());
            if (chunks.endsWithoutTrailers()) {
                passed.writeBytes(new byte[] {'\r', '\n'});
            }
            // What is passed on is itself strictly valid, and the same body.
            Reading again = ReferenceReading.first(passed.toByteArray(), LIMITS);
            assertThat(again.end()).isEqualTo(End.AT_END);
            assertThat(again.requests().getFirst().end()).isEqualTo(passed.size());
            assertThat(again.requests().getFirst().body()).isEqualTo(request.body());
        }
    }
}
