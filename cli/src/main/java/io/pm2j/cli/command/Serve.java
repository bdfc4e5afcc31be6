package io.pm2j.cli.command;

import io.pm2j.cli.typed.Arguments;
import io.pm2j.cli.typed.ExitCode;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.typed.Option;
import io.pm2j.supervisor.control.ControlRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// `serve` and `web`: what the edge and the daemon answer themselves.
final class Serve {
    /// PM2: serve listens on 8080 unless told.
    private static final int DEFAULT_PORT = 8_080;
    /// PM2 0.7: the web interface.
    private static final int DEFAULT_WEB_PORT = 9_615;

    private static final int HIGHEST_PORT = 65_535;

    private Serve() {}

    static int run(Session session) throws Failure {
        List<String> operands = session.typed.operands();
        Path root = Path.of(operands.isEmpty() ? "." : operands.getFirst())
                .toAbsolutePath()
                .normalize();
        if (!Files.isDirectory(root)) {
            throw new Failure(root + (Files.exists(root) ? " is not a folder" : " is not there")
                    + " (expected: the folder to serve)");
        }
        int port = operands.size() > 1
                ? port(Arguments.number("port", operands.get(1)))
                : port(session.typed.number(Option.PORT, DEFAULT_PORT));
        int code = session.ask(
                new ControlRequest.Serve(
                        root.toString(),
                        port,
                        session.typed.value(Option.NAME).orElse(""),
                        session.typed.has(Option.SPA)),
                _ -> {});
        if (code == ExitCode.OK) {
            session.table();
        }
        return code;
    }

    static int web(Session session) throws Failure {
        List<String> operands = session.typed.operands();
        int port = operands.isEmpty() ? usualWebPort() : port(Arguments.number("port", operands.getFirst()));
        return session.ask(new ControlRequest.Web(port), _ -> {});
    }

    /// PM2: PM2_API_PORT, else 9615.
    static int usualWebPort() throws Failure {
        String wanted = Optional.ofNullable(System.getenv("PM2_API_PORT")).orElse("");
        return wanted.isEmpty() ? DEFAULT_WEB_PORT : port(Arguments.number("PM2_API_PORT", wanted));
    }

    private static int port(int number) throws Failure {
        if (number < 1 || number > HIGHEST_PORT) {
            throw new Failure("port: " + number + " (expected: 1 to " + HIGHEST_PORT + ")");
        }
        return number;
    }
}
