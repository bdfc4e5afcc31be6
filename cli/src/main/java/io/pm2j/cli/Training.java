package io.pm2j.cli;

import io.pm2j.cli.command.Commands;
import io.pm2j.cli.command.Session;
import io.pm2j.cli.link.DaemonLink;
import io.pm2j.cli.link.Home;
import io.pm2j.cli.typed.Arguments;
import io.pm2j.cli.typed.CalledAs;
import io.pm2j.cli.typed.Failure;
import io.pm2j.cli.view.Style;
import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Program;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.Standing;
import io.pm2j.supervisor.control.ControlReply;
import io.pm2j.supervisor.control.ControlRequest;
import io.pm2j.supervisor.control.ControlServer;
import io.pm2j.supervisor.control.ReplySink;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Runs the commands that are typed most against an end of its own, so that the JVM can note which classes they
/// load: the launcher makes the ahead-of-time cache from it. Starts no daemon and touches no home.
final class Training {
    private static final ProcessView SAMPLE = new ProcessView(
            0,
            "api",
            "default",
            "1.0.0",
            "cluster",
            4_711,
            "online",
            1,
            0,
            1,
            1,
            0.5,
            1 << 20,
            "user",
            false,
            true,
            1,
            1,
            0,
            "/srv/app.js",
            List.of("--verbose"),
            "/srv",
            "node",
            List.of(),
            "",
            "/tmp/out.log",
            "/tmp/error.log",
            "/tmp/api.pid",
            OptionalInt.of(0),
            "exit code 0",
            "",
            "",
            List.of("[::]:3000"),
            1_600,
            3_000,
            false,
            Map.of("PORT", "3000"),
            new Standing(Optional.empty(), false, "", List.of(), List.of(new Standing.Past(1, 0, "started")), ""));

    /// What is wanted of the app: sent along for those who print all of it.
    private static final AppSpec WANTED = AppSpec.draft(
                    new AppName("api"), new Program("/srv/app.js", List.of(), "node", List.of()), Path.of("/srv"))
            .cluster(1)
            .spec();

    /// `/bin/true` is a script that is everywhere.
    private static final List<List<String>> TYPED = List.of(
            List.of("ls"),
            List.of("jlist"),
            List.of("ping"),
            List.of("describe", "api"),
            List.of("stop", "api"),
            List.of("restart", "api", "--update-env"),
            List.of("reload", "api"),
            List.of("start", "/bin/true", "--name", "other", "-i", "2"),
            List.of("logs", "api", "--nostream"));

    private Training() {}

    static int run() {
        try {
            Path folder = Files.createTempDirectory("pm2j-training");
            Home home = new Home(folder);
            PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
            try (ControlServer server = new ControlServer(home.socket(), Training::answer)) {
                server.start();
                int code = 0;
                for (List<String> words : TYPED) {
                    Arguments typed = Arguments.parse(CalledAs.now().words(words.toArray(String[]::new)));
                    code |= Commands.run(new Session(typed, new DaemonLink(home), nowhere, nowhere, Style.of()));
                }
                return code;
            } finally {
                Files.deleteIfExists(home.socket());
                Files.deleteIfExists(folder);
            }
        } catch (IOException | Failure e) {
            System.err.println(e);
            return 1;
        }
    }

    private static void answer(ControlRequest request, ReplySink replies) throws IOException {
        if (request instanceof ControlRequest.Processes) {
            replies.send(new ControlReply.Listing(List.of(SAMPLE), List.of(WANTED)));
        }
        replies.send(new ControlReply.Note(ControlReply.Level.INFO, "sample"));
        replies.send(new ControlReply.Done(0));
    }
}
