package io.pm2j.supervisor.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Lines for the standard input of a process that was launched with a pipe to read from.
public final class StandardInput {
    /// What Linux puts into a pipe whole or not at all: PIPE_BUF.
    private static final int LONGEST_LINE = 4_096;

    private StandardInput() {}

    /// Writes a line; never waits for the reader.
    ///
    /// @return what went wrong, in words; empty when nothing did
    public static String write(int pid, String line) {
        Path input = Path.of("/proc/" + pid + "/fd/0");
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        if (bytes.length > LONGEST_LINE) {
            return "the line has more than " + (LONGEST_LINE - 1) + " bytes";
        }
        try {
            if (!Files.readSymbolicLink(input).toString().startsWith("pipe:")) {
                return "it has no standard input (expected: an app in fork mode)";
            }
            return Posix.writeWithoutWaiting(input, bytes) == bytes.length ? "" : "it does not read its standard input";
        } catch (IOException e) {
            return "its standard input is closed: " + e.getMessage();
        }
    }
}
