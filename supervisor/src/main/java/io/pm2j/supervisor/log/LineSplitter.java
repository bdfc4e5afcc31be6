package io.pm2j.supervisor.log;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// Cuts a stream of bytes into lines. A line longer than [#LONGEST_BYTES] is passed on in pieces, so that a
/// program without line breaks cannot fill the memory. Confined to one thread.
final class LineSplitter {
    static final int LONGEST_BYTES = 64 * 1024;

    private final Consumer<String> lines;
    private final ByteArrayOutputStream rest = new ByteArrayOutputStream();

    LineSplitter(Consumer<String> lines) {
        this.lines = lines;
    }

    void take(byte[] bytes) {
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                rest.write(bytes, start, i - start);
                start = i + 1;
                pass();
            }
        }
        rest.write(bytes, start, bytes.length - start);
        if (rest.size() >= LONGEST_BYTES) {
            pass();
        }
    }

    /// Passes on what came after the last line break.
    void end() {
        if (rest.size() > 0) {
            pass();
        }
    }

    private void pass() {
        String line = rest.toString(StandardCharsets.UTF_8);
        rest.reset();
        lines.accept(line.endsWith("\r") ? line.substring(0, line.length() - 1) : line);
    }
}
