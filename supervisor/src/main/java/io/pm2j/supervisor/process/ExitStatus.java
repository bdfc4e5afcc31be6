package io.pm2j.supervisor.process;

/// How a process ended.
public sealed interface ExitStatus {
    /// It called exit with `code` (0 to 255).
    record Exited(int code) implements ExitStatus {}

    /// Signal `number` ended it.
    record Killed(int number) implements ExitStatus {}

    /// What a shell would report: the code, or 128 plus the signal's number.
    default int shellCode() {
        return switch (this) {
            case Exited(int code) -> code;
            case Killed(int number) -> 128 + number;
        };
    }

    /// `exit code 1`, or `signal SIGKILL`.
    default String text() {
        return switch (this) {
            case Exited(int code) -> "exit code " + code;
            case Killed(int number) -> "signal " + Signal.nameOf(number);
        };
    }
}
