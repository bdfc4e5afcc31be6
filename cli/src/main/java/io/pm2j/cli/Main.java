package io.pm2j.cli;

import io.pm2j.cli.command.Commands;
import io.pm2j.cli.command.Session;
import io.pm2j.cli.link.DaemonLink;
import io.pm2j.cli.link.Home;
import io.pm2j.cli.typed.Arguments;
import io.pm2j.cli.typed.CalledAs;
import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.cli.view.Style;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// The command line's entry.
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        warmUp();
        PrintStream out = stream(FileDescriptor.out);
        PrintStream err = stream(FileDescriptor.err);
        if (Boolean.getBoolean("pm2j.training")) {
            // The cache is written by an orderly exit only.
            System.exit(Training.run());
        }
        int code = run(args, out, err);
        out.flush();
        err.flush();
        // No shutdown work is left; a reader that went away (`pm2j ls | head`) is no failure of ours.
        Runtime.getRuntime().halt(code);
    }

    /// What Jackson needs to read the daemon's answer takes 10 ms to initialise: meanwhile the question is asked.
    private static void warmUp() {
        Thread ahead = new Thread(() -> Objects.requireNonNull(BigDecimal.ZERO), "warm-up");
        ahead.setDaemon(true);
        ahead.start();
    }

    static int run(String[] args, PrintStream out, PrintStream err) {
        Style style = Style.of(args);
        try {
            Arguments arguments = silenced(Arguments.parse(CalledAs.now().words(args)));
            Session session = new Session(arguments, new DaemonLink(Home.here(arguments.command())), out, err, style);
            return Commands.run(session);
        } catch (Failure failure) {
            failure.sentences().forEach(sentence -> err.println(style.error("[PM2][ERROR] ") + sentence));
            return ExitCode.FAILED;
        } catch (RuntimeException ours) {
            err.println(style.error("[PM2][ERROR] ") + "pm2j itself failed: " + ours + " (PM2J_DEBUG=1 shows where)");
            if (System.getenv("PM2J_DEBUG") != null || System.getenv("PM2_DEBUG") != null) {
                ours.printStackTrace(err);
            }
            return ExitCode.FAILED;
        }
    }

    /// PM2: PM2_SILENT is `--silent`.
    private static Arguments silenced(Arguments typed) {
        String silent = System.getenv("PM2_SILENT");
        return silent == null || silent.isEmpty() || silent.equals("false") ? typed : typed.with(Option.SILENT);
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8) {
            @Override
            public void println(String line) {
                super.println(line);
                flush();
            }
        };
    }
}
