package io.pm2j.supervisor.log;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.pm2j.config.spec.LogRotation;
import io.pm2j.config.spec.LogSpec;
import io.pm2j.supervisor.log.LogRecord.Stream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineRenderingTest {
    private static final ZoneId ZONE = ZoneId.of("+02:00");
    private static final Instant NOW = Instant.parse("2026-03-06T13:04:05.067Z");
    private static final LogSource SOURCE = new LogSource(4, "we\"b", Stream.ERR);

    @Test
    void leavesPlainBytesAsTheyAre() throws IOException {
        String text = "a\r\n\u001b[31mb\n\n";

        assertThat(rendered(new LogFormat.Plain(), text.getBytes(UTF_8))).isEqualTo(text.getBytes(UTF_8));
    }

    @Test
    void putsTheDateBeforeEveryLine() throws IOException {
        byte[] lines = "one\n\ntwo\r\n\u00ff\n".getBytes(ISO_8859_1);

        assertThat(rendered(new LogFormat.Dated(DateFormat.of("YYYY HH:mm")), lines))
                .isEqualTo(
                        "2026 15:04: one\n2026 15:04: \n2026 15:04: two\r\n2026 15:04: \u00ff\n".getBytes(ISO_8859_1));
    }

    @Test
    void writesOneObjectALine() throws IOException {
        byte[] lines = "one\ntwo\n".getBytes(UTF_8);

        assertThat(new String(rendered(new LogFormat.Json(Optional.empty()), lines), UTF_8))
                .isEqualTo("""
                        {"message":"one","timestamp":"2026-03-06T13:04:05.067Z","type":"err","process_id":4,"app_name":"we\\"b"}
                        {"message":"two","timestamp":"2026-03-06T13:04:05.067Z","type":"err","process_id":4,"app_name":"we\\"b"}
                        """);
    }

    @Test
    void writesTheTimeOfAnObjectInTheWantedFormat() throws IOException {
        byte[] lines = "one\n".getBytes(UTF_8);

        assertThat(objects(rendered(new LogFormat.Json(Optional.of(DateFormat.of("HH:mm Z"))), lines)))
                .singleElement()
                .satisfies(object -> assertThat(object).containsEntry("timestamp", "15:04 +02:00"));
    }

    @Test
    void writesValidJsonForAnyBytes() throws IOException {
        byte[] bytes = new byte[300_000];
        new Random(5).nextBytes(bytes);
        bytes[bytes.length - 1] = '\n';

        List<Map<String, String>> objects = objects(rendered(new LogFormat.Json(Optional.empty()), bytes));

        assertThat(objects).hasSize((int) Lines.count(ByteBuffer.wrap(bytes)));
    }

    @Test
    void saysWhatWasPrinted() throws IOException {
        String line = "quotes \" \\ / tab \t bell \u0007 nul \u0000 é 日本 🚀 \u2028 <script>";

        List<Map<String, String>> objects =
                objects(rendered(new LogFormat.Json(Optional.empty()), (line + "\r\n").getBytes(UTF_8)));

        assertThat(objects)
                .singleElement()
                .satisfies(object -> assertThat(object).containsEntry("message", line));
    }

    @Test
    void passesMuchOnInSeveralRunsOfWholeLines() {
        byte[] lines = "\n".repeat(20_000).getBytes(UTF_8);
        List<Integer> runs = new ArrayList<>();

        new LineRendering(SOURCE, new LogFormat.Json(Optional.empty()), ZONE)
                .render(ByteBuffer.wrap(lines), NOW, new LineRendering.Scratch(), run -> {
                    assertThat(run.get(run.limit() - 1)).isEqualTo(Lines.BREAK);
                    runs.add(run.remaining());
                });

        assertThat(runs).hasSizeGreaterThan(10).allMatch(length -> length < 66_000);
    }

    @Test
    void takesTheFormatFromWhatIsWanted() {
        assertThat(LogFormat.of(LogSpec.DEFAULT)).isEqualTo(new LogFormat.Plain());
        assertThat(LogFormat.of(spec(Optional.of("YYYY"), false))).isInstanceOf(LogFormat.Dated.class);
        assertThat(LogFormat.of(spec(Optional.of(""), false))).isEqualTo(new LogFormat.Plain());
        assertThat(LogFormat.of(spec(Optional.of("YYYY"), true))).isInstanceOf(LogFormat.Json.class);
        assertThat(LogFormat.of(spec(Optional.empty(), true))).isEqualTo(new LogFormat.Json(Optional.empty()));
    }

    private static LogSpec spec(Optional<String> dateFormat, boolean json) {
        return new LogSpec(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                dateFormat,
                json,
                false,
                LogRotation.DEFAULT);
    }

    private static byte[] rendered(LogFormat format, byte[] lines) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new LineRendering(SOURCE, format, ZONE)
                .render(ByteBuffer.wrap(lines), NOW, new LineRendering.Scratch(), run -> {
                    byte[] part = new byte[run.remaining()];
                    run.duplicate().get(part);
                    bytes.writeBytes(part);
                });
        return bytes.toByteArray();
    }

    private static List<Map<String, String>> objects(byte[] lines) throws IOException {
        List<Map<String, String>> objects = new ArrayList<>();
        for (String line : new String(lines, UTF_8).split("\n", -1)) {
            if (!line.isEmpty()) {
                objects.add(object(line));
            }
        }
        return objects;
    }

    private static Map<String, String> object(String line) throws IOException {
        Map<String, String> object = new LinkedHashMap<>();
        try (JsonParser parser = new JsonFactory().createParser(line)) {
            assertThat(parser.nextToken()).isEqualTo(JsonToken.START_OBJECT);
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                parser.nextToken();
                object.put(key, parser.getText());
            }
            assertThat(parser.nextToken()).isNull();
        }
        return object;
    }
}
