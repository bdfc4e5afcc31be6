package io.pm2j.cli.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The terminal that standard input is, by stty(1).
final class Terminal {
    private static final Size USUAL = new Size(24, 80);

    private Terminal() {}

    record Size(int rows, int columns) {}

    static boolean isThere() {
        try {
            return stty("size").matches("\\d+ \\d+");
        } catch (IOException e) {
            return false;
        }
    }

    static Size size() {
        try {
            String[] said = stty("size").split(" ");
            Size size = new Size(Integer.parseInt(said[0]), Integer.parseInt(said[1]));
            return size.rows > 0 && size.columns > 0 ? size : USUAL;
        } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return USUAL;
        }
    }

    /// Keys come at once and are not shown; the answer is what [#restore] takes. Ctrl-C goes on being a signal,
    /// Ctrl-Z does not: it would leave the screen to the shell.
    static String takeKeys() throws IOException {
        String before = stty("-g");
        String _ = stty("-icanon", "-echo", "susp", "undef", "min", "0", "time", "0");
        return before;
    }

    static void restore(String settings) {
        try {
            String _ = stty(settings);
        } catch (IOException e) {
            // the terminal has gone
        }
    }

    /// What `stty` says; it speaks of its own standard input, which is ours.
    private static String stty(String... words) throws IOException {
        List<String> command = new ArrayList<>();
        command.add("stty");
        command.addAll(List.of(words));
        Process stty = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.INHERIT)
                .redirectErrorStream(true)
                .start();
        String said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (stty.waitFor() != 0) {
                throw new IOException(said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return said;
    }
}
