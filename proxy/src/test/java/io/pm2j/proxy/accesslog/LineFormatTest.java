package io.pm2j.proxy.accesslog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.pm2j.config.spec.LogRotation;
import io.pm2j.config.spec.edge.AccessLogSpec;
import io.pm2j.config.spec.edge.AccessLogSpec.Field;
import io.pm2j.config.spec.edge.AccessLogSpec.Format;
import io.pm2j.proxy.http.HeadScanner;
import io.pm2j.proxy.http.RequestHead;
import io.pm2j.proxy.http.Tokens;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LineFormatTest {
    private static final long TEN_O_CLOCK =
            Instant.parse("2026-11-21T10:00:00.007Z").toEpochMilli();
    private static final List<Field> TEXTS = List.of(
            Field.CLIENT_IP,
            Field.METHOD,
            Field.HOST,
            Field.PATH,
            Field.QUERY,
            Field.PROTOCOL,
            Field.ROUTE,
            Field.APP,
            Field.ENDPOINT,
            Field.REFERER,
            Field.USER_AGENT,
            Field.USER,
            Field.REQUEST_ID,
            Field.CAUSE);

    private final ScheduledExecutorService loop = Executors.newSingleThreadScheduledExecutor();

    @AfterEach
    void endLoop() {
        loop.shutdownNow();
    }

    @Test
    void combinedIsApaches() {
        AccessRecord record = record(new Format.Combined());
        scanned(
                record,
                "GET /a/b?c=d HTTP/1.1\r\nHost: example.com\r\nReferer: http://r/\r\nUser-Agent: curl/8\r\n\r\n");
        record.text(Field.CLIENT_IP, "192.0.2.7").text(Field.USER, "ann");
        record.status(200).bytesOut(1234);

        assertThat(line(record, new Format.Combined()))
                .isEqualTo("192.0.2.7 - ann [21/Nov/2026:10:00:00 +0000] \"GET /a/b?c=d HTTP/1.1\" 200 1234"
                        + " \"http://r/\" \"curl/8\"\n");
    }

    @Test
    void combinedHasDashesForWhatIsNotKnown() {
        AccessRecord record = record(new Format.Combined());

        assertThat(line(record, new Format.Combined()))
                .isEqualTo("- - - [21/Nov/2026:10:00:00 +0000] \"-\" - - \"-\" \"-\"\n");
    }

    @Test
    void combinedLetsNothingOutOfItsField() {
        AccessRecord record = record(new Format.Combined());
        record.text(Field.CLIENT_IP, "::1").text(Field.USER, "a b\n\"c\\");
        record.text(Field.METHOD, "GET")
                .text(Field.PATH, "/\"\\\r\n\t\0\u007f\u00e9")
                .text(Field.QUERY, "");
        record.text(Field.PROTOCOL, "HTTP/1.0").text(Field.USER_AGENT, "\u001b[31m\" 200 1");
        record.status(404);

        assertThat(line(record, new Format.Combined()))
                .isEqualTo("::1 - a\\x20b\\x0a\\\"c\\\\ [21/Nov/2026:10:00:00 +0000]"
                        + " \"GET /\\\"\\\\\\r\\n\\t\\x00\\x7f\\xc3\\xa9? HTTP/1.0\" 404 - \"-\""
                        + " \"\\x1b[31m\\\" 200 1\"\n");
    }

    @Test
    void jsonTellsAllFields() {
        AccessRecord record = record(new Format.Json());
        scanned(record, "POST http://example.com?x HTTP/1.0\r\nHost: other\r\n\r\n");
        record.text(Field.CLIENT_IP, "192.0.2.7").text(Field.ROUTE, "api").text(Field.APP, "web");
        record.status(201).bytesIn(5).bytesOut(6).headNanos(1_000_500).retries(2);
        record.durationNanos = 12_345_678;

        assertThat(line(record, new Format.Json()))
                .isEqualTo("{\"time\":\"2026-11-21T10:00:00.007Z\",\"client_ip\":\"192.0.2.7\",\"method\":\"POST\","
                        + "\"host\":\"example.com\",\"path\":\"/\",\"query\":\"x\",\"protocol\":\"HTTP/1.0\","
                        + "\"status\":201,\"bytes_in\":5,\"bytes_out\":6,\"duration_ms\":12.345,"
                        + "\"connect_ms\":null,\"head_ms\":1.000,\"route\":\"api\",\"app\":\"web\","
                        + "\"endpoint\":null,\"retries\":2,\"referer\":null,\"user_agent\":null,"
                        + "\"user\":null,\"request_id\":null,\"cause\":null}\n");
    }

    @Test
    void fieldsStandInTheirOrder() {
        Format format = new Format.Fields(List.of(Field.STATUS, Field.PATH, Field.TIME));
        AccessRecord record = record(format);
        scanned(record, "GET /x HTTP/1.1\r\nHost: h\r\n\r\n");

        assertThat(line(record, format))
                .isEqualTo("{\"status\":null,\"path\":\"/x\",\"time\":\"2026-11-21T10:00:00.007Z\"}\n");
    }

    @Test
    void keepsNothingThatIsNotShown() {
        AccessRecord record = record(new Format.Fields(List.of(Field.STATUS)));

        record.text(Field.PATH, "/secret");

        assertThat(record.has(Field.PATH)).isFalse();
    }

    @Test
    void jsonEscapesWhatEndsALineOrReachesATerminal() {
        Format format = new Format.Fields(List.of(Field.PATH));
        AccessRecord record = record(format);
        byte[] nasty = {
            '"',
            '\\',
            '\n',
            0x1b,
            0x7f,
            (byte) 0xff, // no UTF-8
            (byte) 0xc3,
            (byte) 0xa9, // é
            (byte) 0xc2,
            (byte) 0x9b, // U+009B
            (byte) 0xe2,
            (byte) 0x80,
            (byte) 0xa8, // U+2028
            (byte) 0xe2,
            (byte) 0x80,
            (byte) 0xa9, // U+2029
            (byte) 0xed,
            (byte) 0xa0,
            (byte) 0x80, // a surrogate
            (byte) 0xe2,
            (byte) 0x82 // cut
        };

        record.text(Field.PATH, nasty);

        assertThat(line(record, format))
                .isEqualTo("{\"path\":\"\\\"\\\\\\u000a\\u001b\\u007f\\\\xff\u00e9\\u009b\\u2028\\u2029"
                        + "\\\\xed\\\\xa0\\\\x80\\\\xe2\\\\x82\"}\n");
    }

    @Test
    void longTextsAreCutBetweenCharactersAndMarked() throws IOException {
        Format format = new Format.Fields(List.of(Field.PATH, Field.USER_AGENT));
        AccessRecord record = record(format);

        record.text(Field.PATH, "/" + "\u00e9".repeat(5_000)).text(Field.USER_AGENT, "x".repeat(512));

        Map<String, String> read = parsed(line(record, format));
        assertThat(read.get("path")).isEqualTo("/" + "\u00e9".repeat(1_022) + "...");
        assertThat(read.get("user_agent")).isEqualTo("x".repeat(512));
    }

    @Test
    void theLongestTextsFitIntoABlock() throws IOException {
        AccessRecord record = record(new Format.Json());
        byte[] control = new byte[100_000];
        Arrays.fill(control, (byte) 1);

        TEXTS.forEach(field -> record.text(field, control));
        TEXTS.forEach(field -> record.text(field, control));
        record.status(599).bytesIn(Long.MAX_VALUE).bytesOut(Long.MAX_VALUE).retries(Integer.MAX_VALUE);
        record.connectNanos(Long.MAX_VALUE).headNanos(Long.MAX_VALUE);
        record.durationNanos = Long.MAX_VALUE;

        assertThat(record.mostBytes()).isLessThanOrEqualTo(Block.SIZE);
        String line = line(record, new Format.Json());
        assertThat(line.length()).isLessThanOrEqualTo(record.mostBytes());
        assertThat(parsed(line)).hasSize(Field.values().length);
    }

    @Test
    void jsonOfRandomBytesAlwaysParses() throws IOException {
        Random random = new Random(7);
        AccessRecord record = record(new Format.Json());
        for (int round = 0; round < 3_000; round++) {
            record.begin(random.nextLong(0, 4_102_444_800_000L), 0);
            for (Field field : TEXTS) {
                byte[] text = new byte[random.nextInt(40)];
                random.nextBytes(text);
                record.text(field, text, 0, text.length);
            }
            record.status(random.nextInt(600)).bytesOut(random.nextLong());

            String line = line(record, new Format.Json());

            assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
            assertThat(parsed(line)).hasSize(Field.values().length);
        }
    }

    @Test
    void combinedOfRandomBytesIsPrintableAndKeepsItsQuotes() {
        Random random = new Random(8);
        AccessRecord record = record(new Format.Combined());
        for (int round = 0; round < 3_000; round++) {
            record.begin(TEN_O_CLOCK, 0);
            for (Field field : TEXTS) {
                byte[] text = new byte[1 + random.nextInt(40)];
                random.nextBytes(text);
                record.text(field, text);
            }

            assertThat(line(record, new Format.Combined()))
                    .matches("[!-~]+ - [!-~]+ \\[21/Nov/2026:10:00:00 \\+0000] \"([ !#-\\[\\]-~]|\\\\[ -~])*\" - -"
                            + " \"([ !#-\\[\\]-~]|\\\\[ -~])*\" \"([ !#-\\[\\]-~]|\\\\[ -~])*\"\n");
        }
    }

    @Test
    void timesAreThoseOfTheCalendar() {
        Stamp stamp = new Stamp();
        Block out = new Block(null);
        DateTimeFormatter combined = DateTimeFormatter.ofPattern("'['dd/MMM/yyyy:HH:mm:ss '+0000]'", Locale.US)
                .withZone(ZoneOffset.UTC);
        DateTimeFormatter iso = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.US)
                .withZone(ZoneOffset.UTC);
        long step = 1_000L * 60 * 60 * 11 + 12_345;
        for (long millis = 0; millis < 4_200_000_000_000L; millis += step) {
            out.clear();
            stamp.combined(millis, out);
            stamp.iso(millis, out);

            Instant instant = Instant.ofEpochMilli(millis);
            assertThat(text(out)).isEqualTo(combined.format(instant) + iso.format(instant));
        }
    }

    private AccessRecord record(Format format) {
        AccessLogSpec spec = new AccessLogSpec(Optional.empty(), format, LogRotation.DEFAULT);
        AccessLog log = AccessLog.open(spec, new CollectingSink(), List.of(loop));
        log.retire();
        AccessRecord record = new AccessRecord(log.on(0));
        record.begin(TEN_O_CLOCK, 0);
        return record;
    }

    private static void scanned(AccessRecord record, String text) {
        byte[] bytes = Arrays.copyOf(text.getBytes(StandardCharsets.ISO_8859_1), text.length() + Tokens.PADDING);
        RequestHead head = new RequestHead();
        assertThat(new HeadScanner(8_192, 100).request(bytes, text.length(), head))
                .isEqualTo(text.length());
        RequestTexts.fill(record, bytes, head, false);
    }

    private static String line(AccessRecord record, Format format) {
        Block out = new Block(null);
        LineFormat.of(format).line(record, new Stamp(), out);
        assertThat(out.lines).isEqualTo(1);
        return text(out);
    }

    private static String text(Block out) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(out.bytes, 0, out.length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new AssertionError("no UTF-8", e);
        }
    }

    private static Map<String, String> parsed(String line) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        try (JsonParser parser = new JsonFactory().createParser(line)) {
            assertThat(parser.nextToken()).isEqualTo(JsonToken.START_OBJECT);
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                assertThat(parser.nextToken().isScalarValue()).isTrue();
                values.put(name, String.valueOf(parser.getText()));
            }
            assertThat(parser.currentToken()).isEqualTo(JsonToken.END_OBJECT);
            assertThat(parser.nextToken()).isNull();
        }
        return values;
    }
}
