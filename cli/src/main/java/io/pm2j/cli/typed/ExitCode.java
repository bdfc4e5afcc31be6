package io.pm2j.cli.typed;

/// How a command ends. PM2 uses 0 and 1 alone, and scripts rely on it.
public final class ExitCode {
    public static final int OK = 0;
    public static final int FAILED = 1;
    /// `diff`: there is a difference.
    public static final int DIFFERENT = 2;

    private ExitCode() {}
}
