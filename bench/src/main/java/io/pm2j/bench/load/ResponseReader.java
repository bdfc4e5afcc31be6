package io.pm2j.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;

/// Reads one HTTP/1.1 answer from the bytes of a connection, and forgives nothing.
///
/// ```
/// HEAD ──Content-Length──▶ COUNTED ──▶ COMPLETE
///   │ ───Transfer-Encoding: chunked──▶ CHUNKED ──last chunk──▶ COMPLETE
///   └ ───neither──▶ UNTIL_CLOSE ──end of stream──▶ COMPLETE
/// ```
final class ResponseReader {
    enum Progress {
        NEEDS_MORE,
        COMPLETE,
        MALFORMED
    }

    private enum Phase {
        HEAD,
        COUNTED,
        CHUNKED,
        UNTIL_CLOSE
    }

    private static final int MAX_HEAD_BYTES = 32 * 1024;

    private byte[] bytes = new byte[1024];
    private int end;
    private int at;
    private Phase phase = Phase.HEAD;
    private int status;
    private boolean keepAlive = true;
    private long bodyEnd;
    private byte[] body = new byte[256];
    private int bodyLength;
    private String problem = "";

    /// Takes all of `source`.
    Progress feed(ByteBuffer source) {
        int count = source.remaining();
        if (bytes.length - end < count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, end + count));
        }
        source.get(bytes, end, count);
        end += count;
        return advance();
    }

    /// Whether the end of the stream is the end of the answer, as it is for a body without a length.
    boolean completeAtEnd() {
        return phase == Phase.UNTIL_CLOSE;
    }

    boolean untouched() {
        return end == 0;
    }

    int status() {
        return status;
    }

    boolean keepAlive() {
        return keepAlive && phase != Phase.UNTIL_CLOSE;
    }

    String problem() {
        return problem;
    }

    String body() {
        if (phase == Phase.CHUNKED) {
            return new String(body, 0, bodyLength, ISO_8859_1);
        }
        int length = phase == Phase.COUNTED ? (int) bodyEnd - at : end - at;
        return new String(bytes, at, length, ISO_8859_1);
    }

    void reset() {
        end = 0;
        at = 0;
        phase = Phase.HEAD;
        status = 0;
        keepAlive = true;
        bodyLength = 0;
        problem = "";
    }

    private Progress advance() {
        while (phase == Phase.HEAD) {
            int stop = endOfHead();
            if (stop < 0) {
                return end > MAX_HEAD_BYTES ? malformed("head longer than " + MAX_HEAD_BYTES) : Progress.NEEDS_MORE;
            }
            String head = new String(bytes, at, stop - at, ISO_8859_1);
            at = stop + 4;
            if (!readHead(head)) {
                return Progress.MALFORMED;
            }
        }
        return switch (phase) {
            case HEAD, UNTIL_CLOSE -> Progress.NEEDS_MORE;
            case COUNTED -> counted();
            case CHUNKED -> chunks();
        };
    }

    private int endOfHead() {
        for (int i = at; i + 3 < end; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n' && bytes[i + 2] == '\r' && bytes[i + 3] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /// RFC 9112 §4 and §6.3. A 1xx is read over; both framings at once, or two lengths, are refused.
    private boolean readHead(String head) {
        String[] lines = head.split("\r\n", -1);
        String first = lines[0];
        if (!first.startsWith("HTTP/1.1 ") || first.length() < 12) {
            return refuse("status line: " + first);
        }
        try {
            status = Integer.parseInt(first.substring(9, 12));
        } catch (NumberFormatException e) {
            return refuse("status line: " + first);
        }
        long length = -1;
        boolean chunked = false;
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon < 1) {
                return refuse("field line: " + lines[i]);
            }
            String value = lines[i].substring(colon + 1).strip();
            switch (lines[i].substring(0, colon).toLowerCase(Locale.ROOT)) {
                case "content-length" -> {
                    if (length != -1 || !value.matches("[0-9]{1,9}")) {
                        return refuse(lines[i]);
                    }
                    length = Long.parseLong(value);
                }
                case "transfer-encoding" -> {
                    if (!value.equalsIgnoreCase("chunked")) {
                        return refuse(lines[i]);
                    }
                    chunked = true;
                }
                case "connection" -> keepAlive &= !value.equalsIgnoreCase("close");
                default -> {}
            }
        }
        if (chunked && length != -1) {
            return refuse("both Content-Length and Transfer-Encoding");
        }
        if (status >= 100 && status < 200) {
            return true;
        }
        if (status == 204 || status == 304) {
            length = 0;
        }
        phase = chunked ? Phase.CHUNKED : length >= 0 ? Phase.COUNTED : Phase.UNTIL_CLOSE;
        bodyEnd = at + length;
        return true;
    }

    private Progress counted() {
        if (end > bodyEnd) {
            return malformed((end - bodyEnd) + " bytes beyond the answer");
        }
        return end == bodyEnd ? Progress.COMPLETE : Progress.NEEDS_MORE;
    }

    /// RFC 9112 §7.1. Each whole chunk is moved to `body`; an incomplete one waits at `at`.
    private Progress chunks() {
        while (true) {
            int line = endOfLine(at);
            if (line < 0) {
                return Progress.NEEDS_MORE;
            }
            String size = new String(bytes, at, line - at, ISO_8859_1);
            if (!size.matches("[0-9a-fA-F]{1,7}")) {
                return malformed("chunk size: " + size);
            }
            int length = Integer.parseInt(size, 16);
            int from = line + 2;
            if (end < from + length + 2) {
                return Progress.NEEDS_MORE;
            }
            if (bytes[from + length] != '\r' || bytes[from + length + 1] != '\n') {
                return malformed("chunk without its end");
            }
            keep(from, length);
            at = from + length + 2;
            if (length == 0) {
                return end > at ? malformed((end - at) + " bytes beyond the answer") : Progress.COMPLETE;
            }
        }
    }

    private void keep(int from, int length) {
        if (body.length - bodyLength < length) {
            body = Arrays.copyOf(body, Math.max(body.length * 2, bodyLength + length));
        }
        System.arraycopy(bytes, from, body, bodyLength, length);
        bodyLength += length;
    }

    private int endOfLine(int from) {
        for (int i = from; i + 1 < end; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private boolean refuse(String what) {
        problem = what;
        return false;
    }

    private Progress malformed(String what) {
        problem = what;
        return Progress.MALFORMED;
    }
}
