package io.pm2j.supervisor.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One process for good: numbers are given out again, but never with the same start time under
/// the same start of the system. `startTicks` is in hundredths of a second after that start. Its
/// text form ([#toString], [#parse]) is for a journal that a later daemon reads.
public record ProcessIdentity(int pid, long startTicks, String bootId) {
    private static final Pattern TEXT = Pattern.compile("([1-9]\\d{0,8}):(\\d{1,18}):([0-9a-f-]{1,64})");

    private static final class Boot {
        static final String ID = read();

        private static String read() {
            try {
                return Files.readString(Path.of("/proc/sys/kernel/random/boot_id"))
                        .strip();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// The process that has the number `pid` now, zombies too.
    public static Optional<ProcessIdentity> of(int pid) {
        return entry(pid).map(entry -> new ProcessIdentity(pid, entry.startTicks(), Boot.ID));
    }

    /// Reads the text form; empty when it is none.
    public static Optional<ProcessIdentity> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches()
                ? Optional.of(new ProcessIdentity(
                        Integer.parseInt(matcher.group(1)), Long.parseLong(matcher.group(2)), matcher.group(3)))
                : Optional.empty();
    }

    /// Whether this very process lives; a zombie does not.
    public boolean alive() {
        return ofThisBoot()
                && entry(pid)
                        .filter(entry -> entry.startTicks() == startTicks && !entry.zombie())
                        .isPresent();
    }

    /// Whether the system was not started anew since.
    public boolean ofThisBoot() {
        return bootId.equals(Boot.ID);
    }

    private static Optional<ProcessEntry> entry(int pid) {
        try (ProcReader reader = new ProcReader()) {
            return Optional.ofNullable(reader.read(pid));
        }
    }

    /// `4711:123456:` and the id of the system's start.
    @Override
    public String toString() {
        return pid + ":" + startTicks + ":" + bootId;
    }
}
