package io.pm2j.supervisor.durable;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Z20: a process that writes its state is killed; whoever reads it then finds the old or the new, whole.
class StateFileKilledIT {
    private static final long SEED = 20261121;
    private static final int KILLS = 6;
    /// The system calls by which a file is written, synced, linked and renamed.
    private static final List<String> CALLS = List.of(
            "openat",
            "write,pwrite64",
            "fsync,fdatasync",
            "unlink,unlinkat",
            "link,linkat",
            "rename,renameat,renameat2");

    @TempDir
    Path folder;

    /// Writes 1, 2, 3... and says each once it is on disk.
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) throws IOException {
            StateFile file = new StateFile(Path.of(arguments[0]));
            int most = Integer.parseInt(arguments[1]);
            for (int i = 1; i <= most; i++) {
                file.write(text(i));
                System.out.println(i);
            }
        }
    }

    /// Longer than one page, and of another length each time.
    private static String text(int number) {
        return (number + " ").repeat(2_000 + number % 7);
    }

    private static int number(String text) throws IOException {
        int number = Integer.parseInt(text.substring(0, Math.max(0, text.indexOf(' '))));
        if (!text.equals(text(number))) {
            throw new IOException("cut off, of " + number);
        }
        return number;
    }

    private List<String> command(Path state, int most) {
        return new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                state.toString(),
                String.valueOf(most)));
    }

    private static int said(Path out) throws IOException {
        // The last line may not have its end.
        String[] lines = Files.readString(out).split("\n", -1);
        return lines.length < 2 ? 0 : Integer.parseInt(lines[lines.length - 2]);
    }

    private void assertOldOrNew(Path state, Path out, String when) throws IOException {
        int said = said(out);
        StateFile.Read<Integer> read = new StateFile(state).read(StateFileKilledIT::number);
        assertThat(read.problem()).as(when).isEmpty();
        if (said > 0) {
            assertThat(read.value()).as(when).isIn(Optional.of(said), Optional.of(said + 1));
        }
        new StateFile(state).write(text(99_999));
        assertThat(new StateFile(state).read(StateFileKilledIT::number).value())
                .as("what is written after: %s", when)
                .contains(99_999);
    }

    @Test
    void z20KilledAtAnyMomentItsStateIsOldOrNew() throws Exception {
        Random random = new Random(SEED);
        for (int i = 0; i < KILLS; i++) {
            Path state = folder.resolve("random-" + i + "/state.json");
            Path out = Files.createFile(folder.resolve("out-" + i));
            Process writer = new ProcessBuilder(command(state, Integer.MAX_VALUE))
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            try {
                while (said(out) == 0 && writer.isAlive()) {
                    Thread.sleep(5);
                }
                TimeUnit.MICROSECONDS.sleep(random.nextInt(30_000)); // the moment, not a wait
            } finally {
                writer.destroyForcibly().waitFor();
            }
            assertThat(said(out)).as(Files.readString(out)).isPositive();
            assertOldOrNew(state, out, "kill " + i);
        }
    }

    /// At each step of a write, by strace, which kills it as it enters that system call.
    @Test
    void z20KilledAtEachSystemCallOfAWriteItsStateIsOldOrNew() throws Exception {
        Assumptions.assumeTrue(canTrace(), "strace is not installed, or may not trace");
        for (String calls : CALLS) {
            Path state = folder.resolve(calls + "/state.json");
            new StateFile(state).write(text(6));
            new StateFile(state).write(text(7)); // so that a version before is there too
            Path out = Files.createFile(folder.resolve(calls + ".out"));
            // Only what touches the state's folder counts: each of these calls is killed at its first use there.
            List<String> traced = new ArrayList<>(List.of(
                    "strace",
                    "-f",
                    "-qq",
                    "-o",
                    "/dev/null",
                    "-P",
                    state.toString(),
                    "-P",
                    state + ".new",
                    "-P",
                    state + ".bak",
                    "-e",
                    "trace=" + calls,
                    "-e",
                    "inject=" + calls + ":signal=KILL"));
            traced.addAll(command(state, 1));
            Process writer = new ProcessBuilder(traced)
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            assertThat(writer.waitFor(180, TimeUnit.SECONDS)).isTrue();
            assertThat(said(out))
                    .as("%s: it was killed before it was done: %s", calls, Files.readString(out))
                    .isZero();
            StateFile.Read<Integer> read = new StateFile(state).read(StateFileKilledIT::number);
            assertThat(read.problem()).as(calls).isEmpty();
            assertThat(read.value()).as(calls).isIn(Optional.of(7), Optional.of(1));
            assertOldOrNew(state, out, calls);
        }
    }

    private boolean canTrace() throws Exception {
        try {
            return new ProcessBuilder("strace", "-qq", "-o", "/dev/null", "true")
                            .redirectErrorStream(true)
                            .redirectOutput(folder.resolve("strace").toFile())
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
