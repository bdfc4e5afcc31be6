package io.pm2j.supervisor.process;

/// How a process ended.
public sealed interface ExitStatus {
    /// It called exit with `code` (0 to 255).
    record Exited(int code) implements ExitStatus {}

    /// Signal `number` ended it.
    record Killed(int number) implements ExitStatus {}

    /// It ended, but its exit code was for another process to see: it was adopted from an earlier
    /// daemon.
    record Unseen() implements ExitStatus {}

    /// What a shell would report: the code, or 128 plus the signal's number. The unseen one is
    /// -1, which no process can exit with: it must count neither as success nor as a code that
    /// somebody configured.
    default int shellCode() {
        return switch (this) {
            case Exited(int code) -> code;
            case Killed(int number) -> 128 + number;
            case Unseen() -> -1;
        };
    }

    /// `exit code 1`, `signal SIGKILL`, or that it was not seen.
    default String text() {
        return switch (this) {
            case Exited(int code) -> "exit code " + code;
            case Killed(int number) -> "signal " + Signal.nameOf(number);
            case Unseen() -> "ended; its exit code was not seen";
        };
    }
}
