package io.pm2j.supervisor.log;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Lines in runs of bytes: where they end, how many fit, what they say.
final class Lines {
    static final byte BREAK = '\n';

    private Lines() {}

    /// Told of one line: its bytes, without the line break, are `[from, end)`.
    @FunctionalInterface
    interface Visitor {
        void line(int from, int end);
    }

    /// Visits every line between the position and the limit of `run`, which holds whole lines.
    static void each(ByteBuffer run, Visitor visitor) {
        int from = run.position();
        while (from < run.limit()) {
            int end = first(run, from, run.limit());
            if (end < 0) {
                end = run.limit();
            }
            visitor.line(from, end);
            from = end + 1;
        }
    }

    /// The text of `[from, end)` without a carriage return at its end; what is no UTF-8 is
    /// replaced.
    static String text(ByteBuffer run, int from, int end) {
        int length = end > from && run.get(end - 1) == '\r' ? end - from - 1 : end - from;
        byte[] bytes = new byte[length];
        run.get(from, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /// The index of the last line break in `[from, to)`, or -1.
    static int last(ByteBuffer bytes, int from, int to) {
        for (int i = to - 1; i >= from; i--) {
            if (bytes.get(i) == BREAK) {
                return i;
            }
        }
        return -1;
    }

    /// The index of the first line break in `[from, to)`, or -1.
    static int first(ByteBuffer bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes.get(i) == BREAK) {
                return i;
            }
        }
        return -1;
    }

    /// How many lines end between the position and the limit.
    static long count(ByteBuffer bytes) {
        long count = 0;
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            if (bytes.get(i) == BREAK) {
                count++;
            }
        }
        return count;
    }

    /// How many bytes of whole lines, from the position on, fit into `room`; 0 when the first
    /// line does not.
    static int fitting(ByteBuffer lines, long room) {
        if (lines.remaining() <= room) {
            return lines.remaining();
        }
        if (room <= 0) {
            return 0;
        }
        int lineBreak = last(lines, lines.position(), lines.position() + (int) room);
        return lineBreak < 0 ? 0 : lineBreak + 1 - lines.position();
    }

    /// How many bytes the first line has, with its line break.
    static int firstLine(ByteBuffer lines) {
        int lineBreak = first(lines, lines.position(), lines.limit());
        return lineBreak < 0 ? lines.remaining() : lineBreak + 1 - lines.position();
    }
}
