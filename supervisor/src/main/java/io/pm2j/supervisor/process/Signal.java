package io.pm2j.supervisor.process;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// The signals that pm2j itself sends or names; numbers as on Linux (x86-64, AArch64).
public enum Signal {
    SIGHUP(1),
    SIGINT(2),
    SIGQUIT(3),
    SIGILL(4),
    SIGTRAP(5),
    SIGABRT(6),
    SIGBUS(7),
    SIGFPE(8),
    SIGKILL(9),
    SIGUSR1(10),
    SIGSEGV(11),
    SIGUSR2(12),
    SIGPIPE(13),
    SIGALRM(14),
    SIGTERM(15),
    SIGCONT(18),
    SIGSTOP(19),
    SIGXCPU(24),
    SIGWINCH(28),
    SIGSYS(31);

    private final int number;

    Signal(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /// The signal that somebody means by `SIGUSR2`, `usr2` or `12`.
    public static Optional<Signal> meant(String text) {
        String name = text.toUpperCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(s -> s.name().equals(name)
                        || s.name().equals("SIG" + name)
                        || String.valueOf(s.number).equals(name))
                .findFirst();
    }

    /// `SIGKILL` for 9; `signal 33` style numbers keep their number.
    static String nameOf(int number) {
        for (Signal signal : values()) {
            if (signal.number == number) {
                return signal.name();
            }
        }
        return String.valueOf(number);
    }
}
