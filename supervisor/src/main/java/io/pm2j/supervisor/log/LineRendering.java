package io.pm2j.supervisor.log;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.pm2j.supervisor.log.LogRecord.Stream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/// Brings the lines of one source into the format of its files.
record LineRendering(LogSource source, LogFormat format, ZoneId zone) {
    /// As JavaScript's `toISOString`: always three digits of a second.
    private static final DateFormat ISO_MILLIS = DateFormat.of("YYYY-MM-DD[T]HH:mm:ss.SSS[Z]");

    private static final byte[] JSON_PREFIX = ascii("{\"message\":\"");

    /// Passes on the whole lines of `run`, which were read at `now`, in runs of whole lines: each
    /// is valid during the call alone.
    void render(ByteBuffer run, Instant now, Scratch scratch, Consumer<ByteBuffer> to) {
        switch (format) {
            case LogFormat.Plain() -> to.accept(run);
            case LogFormat.Dated(DateFormat date) -> dated(run, date.text(now.atZone(zone)), scratch, to);
            case LogFormat.Json(Optional<DateFormat> date) -> json(run, date, now, scratch, to);
        }
    }

    private static void dated(ByteBuffer run, String date, Scratch scratch, Consumer<ByteBuffer> to) {
        byte[] prefix = (date + ": ").getBytes(StandardCharsets.UTF_8);
        Lines.each(run, (from, end) -> {
            scratch.writeBytes(prefix);
            scratch.add(run, from, end - from);
            scratch.write(Lines.BREAK);
            scratch.passWhenLarge(to);
        });
        scratch.pass(to);
    }

    private void json(
            ByteBuffer run, Optional<DateFormat> date, Instant now, Scratch scratch, Consumer<ByteBuffer> to) {
        String time = date.map(format -> format.text(now.atZone(zone)))
                .orElseGet(() -> ISO_MILLIS.text(now.atZone(ZoneOffset.UTC)));
        byte[] suffix = jsonSuffix(time);
        Lines.each(run, (from, end) -> {
            scratch.writeBytes(JSON_PREFIX);
            scratch.writeBytes(quoted(Lines.text(run, from, end)));
            scratch.writeBytes(suffix);
            scratch.passWhenLarge(to);
        });
        scratch.pass(to);
    }

    private byte[] jsonSuffix(String time) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(ascii("\",\"timestamp\":\""));
        bytes.writeBytes(quoted(time));
        String type = source.stream() == Stream.OUT ? "out" : "err";
        bytes.writeBytes(ascii("\",\"type\":\"" + type + "\",\"process_id\":" + source.pmId() + ",\"app_name\":\""));
        bytes.writeBytes(quoted(source.app()));
        bytes.writeBytes(ascii("\"}\n"));
        return bytes.toByteArray();
    }

    private static byte[] quoted(String text) {
        return JsonStringEncoder.getInstance().quoteAsUTF8(text);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// Where rendered lines are gathered until there are enough for a write. Reused, by one
    /// thread.
    static final class Scratch extends ByteArrayOutputStream {
        private static final int LARGE_BYTES = 64 * 1024;

        private void add(ByteBuffer bytes, int from, int length) {
            if (buf.length - count < length) {
                buf = Arrays.copyOf(buf, Math.max(count + length, 2 * buf.length));
            }
            bytes.get(from, buf, count, length);
            count += length;
        }

        private void passWhenLarge(Consumer<ByteBuffer> to) {
            if (count >= LARGE_BYTES) {
                pass(to);
            }
        }

        private void pass(Consumer<ByteBuffer> to) {
            if (count > 0) {
                to.accept(ByteBuffer.wrap(buf, 0, count));
                reset();
            }
        }
    }
}
