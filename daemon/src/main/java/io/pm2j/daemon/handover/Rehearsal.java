package io.pm2j.daemon.handover;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Tries the next program before anything depends on it: started as a child it must read a
/// hand-over, and say so.
final class Rehearsal {
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final int MOST_SAID = 2_000;

    private Rehearsal() {}

    /// Why `command` cannot take over what is in `trial`; nothing when it can.
    static Optional<String> objection(List<String> command, HandoverFile trial) throws InterruptedException {
        List<String> words = new ArrayList<>(command);
        words.addAll(List.of(Successor.CHECK, trial.path().toString()));
        Path output = trial.path().resolveSibling("handover-trial.log");
        try {
            Process child = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(output.toFile())
                    .start();
            if (!child.waitFor(LONGEST.toMillis(), TimeUnit.MILLISECONDS)) {
                child.destroyForcibly().waitFor();
                return Optional.of(
                        "the next daemon did not say within " + LONGEST.toSeconds() + " s whether it can take over");
            }
            if (child.exitValue() == 0) {
                return Optional.empty();
            }
            return Optional.of(
                    "the next daemon cannot take over (exit code " + child.exitValue() + "): " + end(output));
        } catch (IOException e) {
            return Optional.of("the next daemon cannot be started: " + e.getMessage());
        } finally {
            boolean _ = output.toFile().delete();
        }
    }

    private static String end(Path output) throws IOException {
        String said = new String(Files.readAllBytes(output), StandardCharsets.UTF_8).strip();
        return said.isEmpty() ? "it said nothing" : said.substring(Math.max(0, said.length() - MOST_SAID));
    }
}
